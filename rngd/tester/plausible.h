/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a number of failures fits good random data. The standard fails a
 * part of the blocks of good data too, so a failure alone says little.
 */
#ifndef RNGD_TESTER_PLAUSIBLE_H
#define RNGD_TESTER_PLAUSIBLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The part of the blocks of good data that fail, one in 1,257: 795,678 of
 * 1,000,000,000 blocks of a seeded generator (xoshiro256++) did. The standard
 * error is 0.1 %.
 */
#define RNGTEST_FAILURE_RATE 7.957e-4

enum rngtest_fit {
	RNGTEST_PLAUSIBLE, /* probability >= 1e-3 */
	RNGTEST_DOUBTFUL, /* >= 1e-6: test more */
	RNGTEST_IMPLAUSIBLE
};

struct rngtest_plausible {
	enum rngtest_fit fit;
	uint64_t blocks;
	uint64_t failures;
	double expected; /* failures */
	/*
	 * Of so many failures or more, or of so few or fewer if less than
	 * expected, by the binomial distribution.
	 */
	double probability;
};

/* Judge @failures of @blocks, at least 1. */
void rngtest_plausible_judge(struct rngtest_plausible *result, uint64_t blocks,
			     uint64_t failures);

/* "plausible", "doubtful" or "implausible" */
const char *rngtest_plausible_word(const struct rngtest_plausible *result);

/* Format the result as one line, without its end. */
void rngtest_plausible_line(const struct rngtest_plausible *result, char *line,
			    size_t size);

#endif
