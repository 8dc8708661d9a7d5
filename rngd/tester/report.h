/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports of results: the lines of rng-tools, which scripts parse, the same
 * numbers as JSON, a histogram of nibbles and runs, and the entropy estimate.
 */
#ifndef RNGD_TESTER_REPORT_H
#define RNGD_TESTER_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "rngd/checks/tally.h"
#include "rngd/tester/options.h"
#include "rngd/base/clock.h"
#include "rngd/tester/speed.h"
#include "vrng/estimate.h"

#define RNGTEST_PREFIX "rngtest: "

/* Sums over all blocks. */
struct rngtest_sums {
	uint64_t nibbles[VRNG_FIPS_NIBBLES];
	uint64_t runs[2][VRNG_FIPS_RUN_LENGTHS];
};

/*
 * Used by one thread at a time. Begins as zeros, with options and started set.
 */
struct rngtest_report {
	const struct rngtest_options *options;
	struct vrng_tally tally;
	struct rngtest_sums sums; /* only with options->hist */
	uint64_t received; /* bytes */
	uint64_t sent; /* bytes */
	struct vrng_speed in;
	struct vrng_speed test;
	struct vrng_speed out;
	uint64_t started; /* vrng_now() */
};

void rngtest_sums_add(struct rngtest_sums *sums,
		      const struct vrng_fips_stats *stats);

/* Returns the number of blocks tested. */
uint64_t rngtest_report_blocks(const struct rngtest_report *report);

/*
 * Write the statistics as the options say, with one write(2): lines to stderr,
 * or JSON to rngtest_report_fd(). @last: lines include whether the number of
 * failures is plausible, and JSON the sums, if there are any. Returns 0 or a
 * negative errno.
 */
int rngtest_report_write(const struct rngtest_report *report, bool last);

/* Where reports go: stdout, or stderr in pipe mode. */
int rngtest_report_fd(const struct rngtest_options *options);

/* Draw the histogram, @columns wide. Prints nothing if no block was tested. */
void rngtest_report_draw(const struct rngtest_report *report, FILE *file,
			 unsigned int columns);

/* Print the assessment of SP 800-90B, as lines or JSON. */
void rngtest_report_estimate(const struct vrng_assessment *assessment,
			     bool json, FILE *file);

#endif
