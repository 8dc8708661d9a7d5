/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was found: rng-tools' lines, which scripts parse, the same as JSON, and
 * a picture of the nibbles and runs.
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

/* Of one thread at a time. All zero, but for @options and @started. */
struct rngtest_report {
	const struct rngtest_options *options;
	struct vrng_tally tally;
	struct rngtest_sums sums; /* if they are to be drawn */
	uint64_t received; /* bytes */
	uint64_t sent;
	struct vrng_speed in;
	struct vrng_speed test;
	struct vrng_speed out;
	uint64_t started; /* vrng_now() */
};

void rngtest_sums_add(struct rngtest_sums *sums,
		      const struct vrng_fips_stats *stats);

uint64_t rngtest_report_blocks(const struct rngtest_report *report);

/* The statistics, as the options say: lines on stderr, or JSON. */
void rngtest_report_print(const struct rngtest_report *report, bool last);

/* Where reports go that were asked for: not among data that is piped. */
FILE *rngtest_report_file(const struct rngtest_options *options);

/* In @columns. Nothing where there was no block. */
void rngtest_report_draw(const struct rngtest_report *report, FILE *file,
			 unsigned int columns);

/* The assessment of SP 800-90B, as lines or JSON. */
void rngtest_report_estimate(const struct rngtest_options *options,
			     const struct vrng_assessment *assessment,
			     FILE *file);

#endif
