/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run of rngtest. Threads test chunks in parallel and hand them in in the
 * input's order, to be counted, reported and passed on. So the output is the
 * same as with one thread.
 */
#ifndef RNGD_TESTER_RUN_H
#define RNGD_TESTER_RUN_H

#include "rngd/tester/options.h"

/* Exit statuses, with the meanings that rng-tools gave them. */
enum rngtest_status {
	RNGTEST_GOOD = 0,
	RNGTEST_BAD_BLOCKS = 1, /* a block failed, or none came, or not IID */
	RNGTEST_USAGE = 10,
	RNGTEST_IO = 11,
	RNGTEST_OS = 12
};

/* Test the input and report. Returns the exit status. */
enum rngtest_status rngtest_run(const struct rngtest_options *options);

#endif
