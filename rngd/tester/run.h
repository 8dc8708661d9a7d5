/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The run: a crew tests chunks side by side and hands them in in the input's
 * order, to be added up, reported and passed on. So all that is said and written
 * is what one thread would have.
 */
#ifndef RNGD_TESTER_RUN_H
#define RNGD_TESTER_RUN_H

#include "rngd/tester/options.h"

/* rng-tools', and its meanings. */
enum rngtest_status {
	RNGTEST_GOOD = 0,
	RNGTEST_BAD_BLOCKS = 1, /* a block failed, or there was none */
	RNGTEST_USAGE = 10,
	RNGTEST_IO = 11,
	RNGTEST_OS = 12
};

/* Test the input and report, to the status to exit with. */
enum rngtest_status rngtest_run(const struct rngtest_options *options);

#endif
