/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sources of rng-tools with their numbers and names, for --list, --include,
 * --exclude and --option.
 */
#ifndef RNGD_OPTIONS_NAMES_H
#define RNGD_OPTIONS_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "vrng/error.h"

struct rngd_name {
	const char *name; /* short */
	const char *title; /* for --list */
	const char *spec; /* NULL: not supported here; see rngd_names_spec() */
	const char *const *keys; /* of --option, NULL at the end; or NULL */
};

enum {
	RNGD_NAME_HWRNG = 0,
	RNGD_NAME_RDRAND = 2,
	RNGD_NAME_NAMEDPIPE = 9,
	RNGD_NAMES = 10
};

extern const struct rngd_name rngd_names[RNGD_NAMES];

/* Whether @spec is a source that works here. */
bool rngd_names_works(const char *spec);

/*
 * The SPEC of rngd_names[n], or NULL. As in rng-tools, rdrand is RDSEED where
 * @works("rdseed").
 */
const char *rngd_names_spec(int n, bool (*works)(const char *spec));

/*
 * Look up what is before the first colon of @text, an index or a name. Returns
 * the index, or -EINVAL with @error, which names @option.
 */
int rngd_names_find(const char *option, const char *text,
		    struct vrng_error *error);

#endif
