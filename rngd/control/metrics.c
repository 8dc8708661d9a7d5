// SPDX-License-Identifier: GPL-2.0-or-later
/* A snapshot as OpenMetrics text: see metrics.h. */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "rngd/base/array.h"
#include "rngd/base/metrics_text.h"
#include "rngd/control/metrics.h"

/* The samples of a family stand together, below its lines TYPE, UNIT and HELP. */
struct family {
	const char *name;
	const char *type;
	const char *unit; /* the last word of the name, or NULL */
	const char *help;
};

struct sample {
	size_t family; /* index in the table of families */
	const char *label; /* name="value" besides the source, or NULL */
	size_t offset; /* of an uint64_t in the struct it is about */
	double scale; /* from that number to the metric's unit */
};

#define OWN(member)   offsetof(struct rngd_snapshot, member)
#define STATS(member) offsetof(struct rngd_stats, member)

static const struct family source_families[] = {
	{ "rngd_source_received_bytes", "counter", "bytes",
	  "Bytes received from a source." },
	{ "rngd_source_delivered_bytes", "counter", "bytes",
	  "Bytes handed to the output." },
	{ "rngd_source_credited_bits", "counter", "bits",
	  "Bits of entropy credited to the kernel." },
	{ "rngd_source_blocks", "counter", NULL,
	  "Blocks of 20,000 bits, by verdict." },
	{ "rngd_source_fips_failures", "counter", NULL,
	  "Blocks that failed a test of FIPS 140-2." },
	{ "rngd_source_health_failures", "counter", NULL,
	  "Episodes in which the tests of SP 800-90B failed." },
	{ "rngd_source_suspensions", "counter", NULL,
	  "How often a source was suspended for failing too often." },
	{ "rngd_source_dropped_bytes", "counter", "bytes",
	  "Bytes dropped because the virtual machine was forked." },
	{ "rngd_source_tested_bytes", "counter", "bytes",
	  "Bytes of blocks that were tested." },
	{ "rngd_source_failed_bytes", "counter", "bytes",
	  "Bytes of blocks that failed a test or had come before." },
	{ "rngd_source_repeated_bytes", "counter", "bytes",
	  "Bytes of blocks that had come before." },
	{ "rngd_source_conditioned_bytes", "counter", "bytes",
	  "Bytes that went into the conditioner." },
	{ "rngd_source_credited_bytes", "counter", "bytes",
	  "Bytes handed to the kernel with credit." },
	{ "rngd_source_claimed_bits", "counter", "bits",
	  "Bits of entropy claimed for blocks that passed." },
};

static const struct sample source_samples[] = {
	{ 0, NULL, STATS(bytes_in), 1 },
	{ 1, NULL, STATS(bytes_out), 1 },
	{ 2, NULL, STATS(bits), 1 },
	{ 3, "verdict=\"good\"", STATS(good), 1 },
	{ 3, "verdict=\"bad\"", STATS(bad), 1 },
	{ 4, "test=\"monobit\"", STATS(tally.failed[VRNG_FIPS_MONOBIT]), 1 },
	{ 4, "test=\"poker\"", STATS(tally.failed[VRNG_FIPS_POKER]), 1 },
	{ 4, "test=\"runs\"", STATS(tally.failed[VRNG_FIPS_RUNS]), 1 },
	{ 4, "test=\"long_run\"", STATS(tally.failed[VRNG_FIPS_LONG]), 1 },
	{ 4, "test=\"continuous\"", STATS(tally.failed[VRNG_FIPS_CONTINUOUS]),
	  1 },
	{ 5, NULL, STATS(health), 1 },
	{ 6, NULL, STATS(suspended), 1 },
	{ 7, NULL, STATS(dropped), 1 },
	{ 8, NULL, STATS(tested), 1 },
	{ 9, NULL, STATS(failed), 1 },
	{ 10, NULL, STATS(repeated), 1 },
	{ 11, NULL, STATS(conditioned), 1 },
	{ 12, NULL, STATS(credited), 1 },
	{ 13, NULL, STATS(claimed), 1 },
};

static const struct family own_families[] = {
	{ "rngd_uptime_seconds", "gauge", "seconds",
	  "Time since the daemon was started." },
	{ "rngd_kernel_entropy_bits", "gauge", "bits",
	  "The kernel's entropy_avail." },
	{ "rngd_fed", "gauge", NULL,
	  "Whether a block has been handed over since the start." },
	{ "rngd_vm_forks", "counter", NULL, "VM forks noticed or reported." },
	{ "rngd_reseed_requests", "counter", NULL,
	  "Reseeds asked for by rngctl." },
	{ "rngd_reseed_seconds", "gauge", "seconds",
	  "From the last fork or request to fresh entropy in the kernel." },
	{ "rngd_hooks", "counter", NULL, "Fork hooks run, by outcome." },
};

static const struct sample own_samples[] = {
	{ 0, NULL, OWN(uptime), 1 },
	{ 1, NULL, OWN(level), 1 },
	{ 2, NULL, OWN(fed), 1 },
	{ 3, NULL, OWN(renewal.forks), 1 },
	{ 4, NULL, OWN(renewal.requests), 1 },
	{ 5, NULL, OWN(renewal.last_fed_ms), 1e-3 },
	{ 6, "outcome=\"run\"", OWN(renewal.hooks_run), 1 },
	{ 6, "outcome=\"failed\"", OWN(renewal.hooks_failed), 1 },
};

static void write_family(const struct family *family, FILE *out)
{
	vrng_metrics_family(out, family->name, family->type, family->unit,
			    family->help);
}

static void write_quoted(const char *name, const char *value, FILE *out)
{
	fprintf(out, "%s=\"", name);
	vrng_metrics_escape(out, value);
	fputc('"', out);
}

/* @source: its name, or NULL for what is rngd's own. */
static void write_labels(const char *source, const char *label, FILE *out)
{
	if (!source && !label)
		return;
	fputc('{', out);
	if (source)
		write_quoted("source", source, out);
	if (source && label)
		fputc(',', out);
	if (label)
		fputs(label, out);
	fputc('}', out);
}

/* Of @object, the struct that the sample is about. */
static void write_sample(const struct family *family,
			 const struct sample *sample, const char *source,
			 const void *object, FILE *out)
{
	uint64_t value =
		*(const uint64_t *)(const void *)((const char *)object +
						  sample->offset);

	if (value == RNGD_SNAPSHOT_NONE)
		return;
	fputs(family->name, out);
	if (!strcmp(family->type, "counter"))
		fputs("_total", out);
	write_labels(source, sample->label, out);
	if (sample->scale < 1)
		fprintf(out, " %.3f\n", (double)value * sample->scale);
	else
		fprintf(out, " %" PRIu64 "\n", value);
}

static void write_own(const struct rngd_snapshot *snapshot, size_t family,
		      FILE *out)
{
	size_t i;

	write_family(&own_families[family], out);
	for (i = 0; i < VRNG_LENGTH(own_samples); i++)
		if (own_samples[i].family == family)
			write_sample(&own_families[family], &own_samples[i],
				     NULL, snapshot, out);
}

static void write_source(const struct rngd_source_report *source, size_t family,
			 FILE *out)
{
	size_t i;

	for (i = 0; i < VRNG_LENGTH(source_samples) && source->name; i++)
		if (source_samples[i].family == family)
			write_sample(&source_families[family],
				     &source_samples[i], source->name,
				     &source->stats, out);
}

static void write_sources(const struct rngd_report *feed, size_t family,
			  FILE *out)
{
	size_t n;

	write_family(&source_families[family], out);
	for (n = 0; n < feed->sources; n++)
		write_source(&feed->source[n], family, out);
}

static void write_states(const struct rngd_report *feed, FILE *out)
{
	const struct rngd_source_report *source;
	size_t n;

	vrng_metrics_family(out, "rngd_source_state", "info", NULL,
			    "What a source does now.");
	for (n = 0; n < feed->sources; n++) {
		source = &feed->source[n];
		if (!source->name || !source->state)
			continue;
		fputs("rngd_source_state_info{", out);
		write_quoted("source", source->name, out);
		fputc(',', out);
		write_quoted("state", source->state, out);
		fputs("} 1\n", out);
	}
}

void rngd_metrics_write(const struct rngd_snapshot *snapshot, FILE *out)
{
	size_t f;

	for (f = 0; f < VRNG_LENGTH(own_families); f++)
		write_own(snapshot, f, out);
	for (f = 0; f < VRNG_LENGTH(source_families); f++)
		write_sources(&snapshot->feed, f, out);
	write_states(&snapshot->feed, out);
	fputs("# EOF\n", out);
}
