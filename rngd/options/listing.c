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

static unsigned int print_named(const struct rngd_options *options, bool used)
{
	unsigned int found = 0;
	int n;

	for (n = 0; n < RNGD_NAMES; n++) {
		const char *spec = spec_of(options, n);

		if (!spec || is_used(options, spec) != used ||
		    !rngd_names_works(spec))
			continue;
		if (!found++)
			printf("%s\n",
			       used ? "Available and enabled entropy sources:" :
				      "Available but disabled entropy sources:");
		printf("%d: %s (%s)\n", n, rngd_names[n].title,
		       rngd_names[n].name);
	}
	return found;
}

static unsigned int print_others(const struct rngd_options *options)
{
	unsigned int found = 0;
	size_t i;

	for (i = 0; i < options->sources; i++) {
		if (is_listed(options->source[i]) ||
		    (options->device &&
		     options->source[i] == spec_of(options, RNGD_NAME_HWRNG)) ||
		    !rngd_names_works(options->source[i]))
			continue;
		printf("-: %s\n", options->source[i]);
		found++;
	}
	return found;
}

bool rngd_listing_sources(const struct rngd_options *options)
{
	unsigned int found;

	if (vrng_crypto_init(NULL))
		return false;
	found = print_named(options, false);
	found += print_named(options, true);
	found += print_others(options);
	return found > 0;
}

void rngd_listing_keys(const char *name)
{
	const struct rngd_name *row = rngd_names;
	const char *const *key;

	while (strcmp(row->name, name))
		row++;
	printf("Available options for %s (%s)\n", row->title, row->name);
	for (key = row->keys; key && *key; key++)
		printf("key: [%s]\n", *key);
}
