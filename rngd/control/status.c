// SPDX-License-Identifier: GPL-2.0-or-later
/* A snapshot as text: see status.h. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/base/array.h"
#include "rngd/control/status.h"

enum type {
	NUMBER, /* uint64_t */
	STRING, /* const char * */
	LINE /* char[], of struct rngd_source_report's message */
};

/* A line of the text: its name, and which member of a struct it shows. */
struct field {
	const char *name;
	enum type type;
	size_t offset; /* in the struct */
};

#define OWN(name, type, member)                                    \
	{                                                          \
		name, type, offsetof(struct rngd_snapshot, member) \
	}
#define OF_SOURCE(name, type, member)                                   \
	{                                                               \
		name, type, offsetof(struct rngd_source_report, member) \
	}
#define COUNT(name, member)                                       \
	{                                                         \
		name, NUMBER, offsetof(struct rngd_stats, member) \
	}
#define FIELDS(table) table, VRNG_LENGTH(table)

/* ------------------------------------------------------- lines, in order */

static const struct field before_stats[] = {
	OWN("version", STRING, version),
	OWN("pid", NUMBER, pid),
	OWN("uptime_seconds", NUMBER, uptime),
	OWN("output", STRING, output),
	OWN("output_type", STRING, output_type),
	OWN("entropy_avail", NUMBER, level),
	OWN("memory_encryption", STRING, encryption),
	OWN("hwrng", STRING, hwrng),
	OWN("hwrng_quality", NUMBER, hwrng_quality),
	OWN("hwrng_idle", STRING, hwrng_idle),
	OWN("feed_interval_seconds", NUMBER, interval),
	OWN("fed", NUMBER, fed),
	OWN("waiting", STRING, waiting),
};

/* Of all sources together, and of each source. */
static const struct field stats_fields[] = {
	COUNT("bytes_received", bytes_in),
	COUNT("bytes_tested", tested),
	COUNT("bytes_failed", failed),
	COUNT("bytes_repeated", repeated),
	COUNT("bytes_conditioned", conditioned),
	COUNT("bytes_delivered", bytes_out),
	COUNT("bytes_credited", credited),
	COUNT("bits_claimed", claimed),
	COUNT("bits_credited", bits),
	COUNT("blocks_good", good),
	COUNT("blocks_bad", bad),
	COUNT("fips_monobit", tally.failed[VRNG_FIPS_MONOBIT]),
	COUNT("fips_poker", tally.failed[VRNG_FIPS_POKER]),
	COUNT("fips_runs", tally.failed[VRNG_FIPS_RUNS]),
	COUNT("fips_long_run", tally.failed[VRNG_FIPS_LONG]),
	COUNT("fips_continuous", tally.failed[VRNG_FIPS_CONTINUOUS]),
	COUNT("health_failures", health),
	COUNT("suspensions", suspended),
	COUNT("bytes_dropped", dropped),
	COUNT("failures", failures),
	COUNT("reopens", reopens),
};

static const struct field after_stats[] = {
	OWN("generation", NUMBER, generation),
	OWN("generation_devices", NUMBER, generation_devices),
	OWN("fork_signs", STRING, signs),
	OWN("vm_forks", NUMBER, renewal.forks),
	OWN("reseed_requests", NUMBER, renewal.requests),
	OWN("reseeds_failed", NUMBER, renewal.failed),
	OWN("reseed_milliseconds", NUMBER, renewal.last_fed_ms),
	OWN("hooks_run", NUMBER, renewal.hooks_run),
	OWN("hooks_failed", NUMBER, renewal.hooks_failed),
	OWN("hooks_milliseconds", NUMBER, renewal.last_done_ms),
};

static const struct field source_fields[] = {
	OF_SOURCE("name", STRING, name),
	OF_SOURCE("state", STRING, state),
	OF_SOURCE("entropy_millibits", NUMBER, entropy),
	OF_SOURCE("no_credit", STRING, refusal),
};

static const struct field source_message[] = {
	OF_SOURCE("message", LINE, message),
};

/* --------------------------------------------------------------- writing */

struct text {
	char *text;
	size_t size, used;
	bool is_full; /* what follows is left out */
};

/* Keep one byte free for a final zero. */
static void put(struct text *t, char c)
{
	if (t->used + 1 >= t->size)
		t->is_full = true;
	else
		t->text[t->used++] = c;
}

static void put_all(struct text *t, const char *string)
{
	while (*string)
		put(t, *string++);
}

/* A name may have any byte in it: rngd_client_split() undoes this. */
static void put_escaped(struct text *t, const char *value)
{
	for (; *value; value++) {
		if (*value == '\n') {
			put_all(t, "\\n");
			continue;
		}
		if (*value == '\\')
			put(t, '\\');
		put(t, *value);
	}
}

static void write_line(struct text *t, const char *prefix, const char *name,
		       const char *value)
{
	const size_t begin = t->used;

	if (t->is_full)
		return;
	put_all(t, prefix);
	put_all(t, name);
	put(t, ' ');
	put_escaped(t, value);
	put(t, '\n');
	if (t->is_full)
		t->used = begin;
}

static void write_number(struct text *t, const char *prefix, const char *name,
			 uint64_t value)
{
	char digits[24];

	if (value == RNGD_SNAPSHOT_NONE)
		return;
	(void)snprintf(digits, sizeof(digits), "%" PRIu64, value);
	write_line(t, prefix, name, digits);
}

/* One line of @object, which @field is about. Empty strings have no line. */
static void write_field(struct text *t, const char *prefix,
			const struct field *field, const char *object)
{
	const void *member = object + field->offset;
	const char *string = member;

	if (field->type == NUMBER) {
		write_number(t, prefix, field->name, *(const uint64_t *)member);
		return;
	}
	if (field->type == STRING)
		string = *(const char *const *)member;
	if (string && *string)
		write_line(t, prefix, field->name, string);
}

static void write_fields(struct text *t, const char *prefix,
			 const struct field *field, size_t n,
			 const void *object)
{
	for (; n; n--, field++)
		write_field(t, prefix, field, object);
}

static void write_source(struct text *t, size_t n,
			 const struct rngd_source_report *source)
{
	char prefix[32];

	(void)snprintf(prefix, sizeof(prefix), "source.%zu.", n);
	write_fields(t, prefix, FIELDS(source_fields), source);
	write_fields(t, prefix, FIELDS(stats_fields), &source->stats);
	write_fields(t, prefix, FIELDS(source_message), source);
}

size_t rngd_status_write(const struct rngd_snapshot *snapshot, char *text,
			 size_t size)
{
	const struct rngd_report *feed = &snapshot->feed;
	struct text t = { .text = text, .size = size };
	size_t i;

	write_fields(&t, "", FIELDS(before_stats), snapshot);
	write_fields(&t, "", FIELDS(stats_fields), &feed->total);
	write_fields(&t, "", FIELDS(after_stats), snapshot);
	write_number(&t, "", "sources", feed->sources);
	for (i = 0; i < feed->sources; i++)
		write_source(&t, i, &feed->source[i]);
	return t.used;
}

/* --------------------------------------------------------------- reading */

static void read_field(const struct rngd_client_answer *answer,
		       const char *prefix, const struct field *field,
		       char *object)
{
	void *member = object + field->offset;
	char name[64];
	const char *value;

	(void)snprintf(name, sizeof(name), "%s%s", prefix, field->name);
	value = rngd_client_value(answer, name);
	if (field->type == STRING)
		*(const char **)member = value;
	else if (value && field->type == NUMBER)
		*(uint64_t *)member = strtoull(value, NULL, 10);
	else if (value)
		(void)snprintf(
			member,
			sizeof(((struct rngd_source_report *)NULL)->message),
			"%s", value);
}

static void read_fields(const struct rngd_client_answer *answer,
			const char *prefix, const struct field *field, size_t n,
			void *object)
{
	for (; n; n--, field++)
		read_field(answer, prefix, field, object);
}

static void read_source(const struct rngd_client_answer *answer, size_t n,
			struct rngd_source_report *source)
{
	char prefix[32];

	(void)snprintf(prefix, sizeof(prefix), "source.%zu.", n);
	read_fields(answer, prefix, FIELDS(source_fields), source);
	read_fields(answer, prefix, FIELDS(stats_fields), &source->stats);
	read_fields(answer, prefix, FIELDS(source_message), source);
}

void rngd_status_read(const struct rngd_client_answer *answer,
		      struct rngd_snapshot *snapshot)
{
	struct rngd_report *feed = &snapshot->feed;
	const char *sources = rngd_client_value(answer, "sources");
	size_t i;

	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->level = RNGD_SNAPSHOT_NONE;
	snapshot->hwrng_quality = RNGD_SNAPSHOT_NONE;
	read_fields(answer, "", FIELDS(before_stats), snapshot);
	read_fields(answer, "", FIELDS(stats_fields), &feed->total);
	read_fields(answer, "", FIELDS(after_stats), snapshot);
	feed->sources = sources ? strtoull(sources, NULL, 10) : 0;
	if (feed->sources > RNGD_SOURCES_MAX)
		feed->sources = RNGD_SOURCES_MAX;
	for (i = 0; i < feed->sources; i++)
		read_source(answer, i, &feed->source[i]);
}
