/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rngtest's command line: the options of rng-tools, and further ones. */
#ifndef RNGD_TESTER_OPTIONS_H
#define RNGD_TESTER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "rngd/tester/estimate/conditioning.h"
#include "vrng/fips.h"
#include "vrng/error.h"

#define RNGTEST_THREADS_MAX 1024

enum rngtest_action {
	RNGTEST_RUN,
	RNGTEST_SHOW_HELP,
	RNGTEST_SHOW_VERSION,
	RNGTEST_CONDITIONING
};

/* Owns its strings until rngtest_options_free(). */
struct rngtest_options {
	enum rngtest_action action;
	uint64_t blockcount; /* blocks; 0: until the input ends */
	uint64_t blockstats; /* blocks; 0: never */
	uint64_t timedstats; /* nanoseconds; 0: never */
	unsigned int threads; /* 1 to RNGTEST_THREADS_MAX */
	const struct vrng_fips_engine *engine;
	bool pipe;
	bool json;
	bool hist;
	bool estimate;
	bool iid;
	char *evidence; /* the folder of a report, or NULL */
	char *source; /* the SPEC that the evidence is about, or NULL: files */
	char *restart_matrix; /* for the evidence: a file, or NULL */
	double restart; /* the claim of a restart matrix; 0: there is none */
	struct vrng_conditioning conditioning; /* for that action */
	uint64_t seed; /* of the shuffles of the IID track */
	uint64_t samples; /* for estimate and IID: 1,000 to VRNG_ASSESS_MAX / 8 */
	unsigned int width; /* bits of a sample: 1 to 8 */
	bool one_per_byte; /* in its low bits; otherwise samples are packed */
	char **names; /* NULL after the last; "-" is stdin */
};

/*
 * Parse the command line. Returns 0, or -EINVAL, -ERANGE or -ENOTSUP with
 * @error set for a bad option, or -ENOMEM. After an error there is nothing to
 * free.
 */
int rngtest_options_parse(struct rngtest_options *options, int argc,
			  char **argv, struct vrng_error *error);

/* Print the help text on stdout. */
void rngtest_options_help(void);

void rngtest_options_free(struct rngtest_options *options);

#endif
