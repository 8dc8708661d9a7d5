// SPDX-License-Identifier: GPL-2.0-or-later
/* Printing --list and --option=SOURCE: see listing.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/base/crypto.h"
#include "rngd/options/listing.h"
#include "rngd/options/names.h"
#include "rngd/sources/probe.h"

static bool is_used(const struct rngd_options *options, const char *spec)
{
	size_t i;

	for (i = 0; i < options->sources; i++)
		if (!strcmp(options->source[i], spec))
			return true;
	return false;
}

static bool is_listed(const char *spec)
{
	const char *named;
	int n;

	for (n = 0; n < RNGD_NAMES; n++) {
		named = rngd_names_spec(n, rngd_names_works);
		if (named && !strcmp(named, spec))
			return true;
	}
	return false;
}

/* The path of hwrng is that of --rng-device. */
static const char *spec_of(const struct rngd_options *options, int n)
{
	size_t i;

	if (n == RNGD_NAME_HWRNG && options->device)
		for (i = 0; i < options->sources; i++)
			if (!strncmp(options->source[i], "file:", 5))
				return options->source[i];
	return rngd_names_spec(n, rngd_names_works);
}

enum state {
	NOT_SHOWN,
	DISABLED,
	ENABLED,
	STANDBY, /* works, and stands in for one that fails */
	FAILED
};

/* What is said of a source. */
struct entry {
	enum state state;
	struct vrng_error error; /* of FAILED */
};

/* Those of rng-tools, and those of --source that have no name in rng-tools. */
struct listing {
	const struct rngd_options *options;
	struct entry named[RNGD_NAMES];
	struct entry other[RNGD_SOURCES_MAX];
};

/* What a source that works is called. */
static enum state state_of(const struct rngd_options *options, const char *spec)
{
	const char *last = options->source[options->sources - 1];

	return options->standby && !strcmp(spec, last) ? STANDBY : ENABLED;
}

static int probe(const char *spec, struct vrng_error *error)
{
	struct vrng_source *source;
	int ret = vrng_source_parse(&source, spec, &vrng_opener_plain, error);

	if (ret)
		return ret;
	ret = vrng_source_probe(source, VRNG_PROBE_MS, error);
	vrng_source_free(source);
	return ret;
}

/* It was asked for, and rngd does not have it. */
static void ignore(int n, struct entry *entry)
{
	entry->state = FAILED;
	vrng_fail(&entry->error, ENOSYS, "rngd has no such source: %s",
		  rngd_names[n].instead);
}

/* A source that was not asked for is listed if it works. */
static void find_named(struct listing *l, int n)
{
	const char *spec = spec_of(l->options, n);
	struct entry *entry = &l->named[n];
	bool used = spec && is_used(l->options, spec);
	bool works = spec && !probe(spec, &entry->error);

	if (l->options->ignored & 1u << n)
		ignore(n, entry);
	else if (used)
		entry->state = works ? state_of(l->options, spec) : FAILED;
	else if (works)
		entry->state = DISABLED;
}

static void find_other(struct listing *l, size_t i)
{
	const struct rngd_options *options = l->options;
	const char *spec = options->source[i];
	struct entry *entry = &l->other[i];

	if (is_listed(spec) ||
	    (options->device && spec == spec_of(options, RNGD_NAME_HWRNG)))
		return;
	entry->state =
		probe(spec, &entry->error) ? FAILED : state_of(options, spec);
}

static struct listing *find_all(const struct rngd_options *options)
{
	struct listing *l = calloc(1, sizeof(*l));
	size_t i;
	int n;

	if (!l)
		return NULL;
	l->options = options;
	for (n = 0; n < RNGD_NAMES; n++)
		find_named(l, n);
	for (i = 0; i < options->sources; i++)
		find_other(l, i);
	return l;
}

static void print_error(const struct entry *entry)
{
	if (entry->state == FAILED)
		printf("   %s\n", entry->error.text);
}

/* Their number. */
static unsigned int print(const struct listing *l, enum state state)
{
	unsigned int found = 0;
	size_t i;
	int n;

	for (n = 0; n < RNGD_NAMES; n++)
		if (l->named[n].state == state) {
			printf("%d: %s (%s)\n", n, rngd_names[n].title,
			       rngd_names[n].name);
			print_error(&l->named[n]);
			found++;
		}
	for (i = 0; i < l->options->sources; i++)
		if (l->other[i].state == state) {
			printf("-: %s\n", l->options->source[i]);
			print_error(&l->other[i]);
			found++;
		}
	return found;
}

bool rngd_listing_sources(const struct rngd_options *options)
{
	unsigned int enabled;
	struct listing *l;

	if (vrng_crypto_init(NULL))
		return false;
	l = find_all(options);
	if (!l)
		return false;
	puts("Entropy sources that are available but disabled");
	if (!print(l, DISABLED))
		puts("None");
	puts("Available and enabled entropy sources:");
	enabled = print(l, ENABLED);
	if (options->standby) {
		puts("Available entropy sources that stand in for those:");
		(void)print(l, STANDBY);
	}
	puts("Available entropy sources that failed initialization:");
	(void)print(l, FAILED);
	free(l);
	return enabled;
}

void rngd_listing_keys(const char *name)
{
	const struct rngd_name *row = rngd_names;
	const struct rngd_key *key;

	while (strcmp(row->name, name))
		row++;
	printf("Available options for %s (%s)\n", row->title, row->name);
	for (key = row->keys; key && key->name; key++)
		if (key->value)
			printf("key: [%s]\tdefault value: [%s]\n", key->name,
			       key->value);
}
