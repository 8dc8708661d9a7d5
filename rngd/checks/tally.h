/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts of blocks that passed, that failed, and by test, and the lines that
 * print them. The lines are worded as those of rng-tools, which scripts parse.
 */
#ifndef RNGD_CHECKS_TALLY_H
#define RNGD_CHECKS_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "vrng/fips.h"

struct vrng_tally {
	uint64_t good;
	uint64_t bad;
	uint64_t failed[VRNG_FIPS_TESTS]; /* a bad block may fail several */
};

/* Count a block; @failed has VRNG_FIPS_BIT() of each failed test. */
void vrng_tally_add(struct vrng_tally *tally, unsigned int failed);

/* Format line @n, 0 to VRNG_TALLY_LINES - 1, without prefix or newline. */
#define VRNG_TALLY_LINES (2 + VRNG_FIPS_TESTS)
void vrng_tally_line(const struct vrng_tally *tally, unsigned int n, char *line,
		     size_t size);

#endif
