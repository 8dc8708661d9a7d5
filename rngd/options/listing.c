// SPDX-License-Identifier: GPL-2.0-or-later
/* Printing --list and --option=SOURCE: see listing.h. */
#include <stdio.h>
#include <string.h>

#include "rngd/base/crypto.h"
#include "rngd/options/listing.h"
#include "rngd/options/names.h"

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
	DISABLED,
	ENABLED,
	FAILED
};

static enum state state_of(const struct rngd_options *options, const char *spec,
			   struct vrng_error *error)
{
	if (!is_used(options, spec))
		return DISABLED;
	return rngd_names_check(spec, error) ? FAILED : ENABLED;
}

/* A source that was not asked for is listed if it works. */
static unsigned int print_named(const struct rngd_options *options,
				enum state state)
{
	struct vrng_error error;
	unsigned int found = 0;
	int n;

	for (n = 0; n < RNGD_NAMES; n++) {
		const char *spec = spec_of(options, n);

		if (!spec || state_of(options, spec, &error) != state ||
		    (state == DISABLED && !rngd_names_works(spec)))
			continue;
		printf("%d: %s (%s)\n", n, rngd_names[n].title,
		       rngd_names[n].name);
		if (state == FAILED)
			printf("   %s\n", error.text);
		found++;
	}
	return found;
}

/* The sources of --source that have no name in rng-tools. */
static unsigned int print_others(const struct rngd_options *options,
				 enum state state)
{
	struct vrng_error error;
	unsigned int found = 0;
	size_t i;

	for (i = 0; i < options->sources; i++) {
		if (is_listed(options->source[i]) ||
		    (options->device &&
		     options->source[i] == spec_of(options, RNGD_NAME_HWRNG)) ||
		    state_of(options, options->source[i], &error) != state)
			continue;
		printf("-: %s\n", options->source[i]);
		if (state == FAILED)
			printf("   %s\n", error.text);
		found++;
	}
	return found;
}

bool rngd_listing_sources(const struct rngd_options *options)
{
	unsigned int disabled, enabled;

	if (vrng_crypto_init(NULL))
		return false;
	puts("Entropy sources that are available but disabled");
	disabled = print_named(options, DISABLED);
	if (!disabled)
		puts("None");
	puts("Available and enabled entropy sources:");
	enabled = print_named(options, ENABLED);
	enabled += print_others(options, ENABLED);
	puts("Available entropy sources that failed initialization:");
	print_named(options, FAILED);
	print_others(options, FAILED);
	return disabled || enabled;
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
