// SPDX-License-Identifier: GPL-2.0-or-later
/* Checking the SPECs of all sources: see specs.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rngd/options/specs.h"
#include "vrng/source.h"

/* "FILE:LINE: " for a source of the file, else "". */
static const char *place_of(const struct rngd_options *options, size_t n,
			    char place[128])
{
	if (options->line[n])
		(void)snprintf(place, 128, "%.100s:%u: ", options->config,
			       options->line[n]);
	else
		place[0] = '\0';
	return place;
}

static int parse(struct vrng_source **source,
		 const struct rngd_options *options, size_t n,
		 const struct vrng_opener *opener, struct vrng_error *error)
{
	int ret = vrng_source_parse(source, options->source[n], opener, error);
	struct vrng_error inner;
	char place[128];

	if (!ret)
		return 0;
	inner = *error;
	return vrng_fail(error, -ret, "%s%s", place_of(options, n, place),
			 inner.text);
}

/* With its claim, as given. A seed is a secret, so that the name is used. */
static const char *text_of(const struct rngd_options *options,
			   struct vrng_source *const *source, size_t n)
{
	return vrng_source_is_deterministic(source[n]) ?
		       vrng_source_name(source[n]) :
		       options->source[n];
}

static bool are_same(const struct rngd_options *options,
		     struct vrng_source *const *source, size_t a, size_t b)
{
	return !strcmp(options->source[a], options->source[b]) ||
	       vrng_source_is_same(source[a], source[b]);
}

static int compare(const struct rngd_options *options,
		   struct vrng_source *const *source, size_t n,
		   struct vrng_error *error)
{
	char here[128], there[128];
	size_t i;

	for (i = 0; i < n; i++)
		if (are_same(options, source, i, n))
			return vrng_fail(
				error, EINVAL,
				"%s\"%.200s\" is the same source as %s\"%.200s\";"
				" give one of them",
				place_of(options, n, here),
				text_of(options, source, n),
				place_of(options, i, there),
				text_of(options, source, i));
	return 0;
}

int rngd_specs_check(const struct rngd_options *options,
		     const struct vrng_opener *opener, struct vrng_error *error)
{
	struct vrng_source *source[RNGD_SOURCES_MAX];
	struct vrng_error ignored;
	size_t n = 0;
	int ret = 0;

	if (!error)
		error = &ignored;
	while (!ret && n < options->sources) {
		ret = parse(&source[n], options, n, opener, error);
		if (ret)
			break;
		ret = compare(options, source, n++, error);
	}
	while (n)
		vrng_source_free(source[--n]);
	return ret;
}
