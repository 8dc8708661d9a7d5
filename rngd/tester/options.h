/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rngtest's command line: rng-tools' options, and some of our own. */
#ifndef RNGD_TESTER_OPTIONS_H
#define RNGD_TESTER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "vrng/fips.h"
#include "vrng/error.h"

#define RNGTEST_THREADS_MAX 1024

enum rngtest_action {
	RNGTEST_RUN,
	RNGTEST_SHOW_HELP,
	RNGTEST_SHOW_VERSION
};

/* Strings belong to the struct, until rngtest_options_free(). */
struct rngtest_options {
	enum rngtest_action action;
	uint64_t blockcount; /* each: 0 is without end, or never */
	uint64_t blockstats;
	uint64_t timedstats; /* nanoseconds */
	unsigned int threads;
	const struct vrng_fips_engine *engine;
	bool pipe;
	bool json;
	bool hist;
	bool estimate;
	uint64_t samples; /* to estimate the entropy of */
	unsigned int width; /* bits of a sample: 8 or 1 */
	char **names; /* NULL after the last; stdin's is "-" */
};

/* -EINVAL, -ERANGE or -ENOTSUP with @error for a bad one; -ENOMEM. */
int rngtest_options_parse(struct rngtest_options *options, int argc,
			  char **argv, struct vrng_error *error);

/* The help text, on stdout. */
void rngtest_options_help(void);

void rngtest_options_free(struct rngtest_options *options);

#endif
