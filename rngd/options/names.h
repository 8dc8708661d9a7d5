/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sources of rng-tools 6.17 with their numbers and names, for --list,
 * --include, --exclude and --option.
 */
#ifndef RNGD_OPTIONS_NAMES_H
#define RNGD_OPTIONS_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "vrng/error.h"

/* A key of --option. */
struct rngd_key {
	const char *name; /* NULL: the end of the list */
	const char *value; /* rng-tools' default; NULL: of another version */
};

struct rngd_name {
	const char *name; /* short */
	const char *title; /* for --list */
	const char *spec; /* NULL: not supported here; see rngd_names_spec() */
	const char *instead; /* what to do if there is no spec */
	const struct rngd_key *keys; /* or NULL */
};

enum {
	RNGD_NAME_HWRNG = 0,
	RNGD_NAME_TPM = 1,
	RNGD_NAME_RDRAND = 2,
	RNGD_NAME_DARN = 3,
	RNGD_NAME_RNDR = 4,
	RNGD_NAME_JITTER = 6,
	RNGD_NAME_NAMEDPIPE = 10,
	RNGD_NAMES = 11
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
 * The SPEC that stands in for /dev/hwrng where no source was given: the noise
 * source of the CPU, or else the kernel's jitter with an eighth of its claim. Not
 * one whose bit is set in @excluded; NULL: none is left.
 */
const char *rngd_names_standby(unsigned int excluded,
			       bool (*works)(const char *spec));

/*
 * Look up what is before the first colon of @text, an index or a name. Returns
 * the index, or -EINVAL with @error, which names @option.
 */
int rngd_names_find(const char *option, const char *text,
		    struct vrng_error *error);

#endif
