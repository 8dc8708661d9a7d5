/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many blocks passed and how many failed which test, and the lines that
 * say so, in rng-tools' words: scripts parse them.
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

void vrng_tally_add(struct vrng_tally *tally, unsigned int failed);

/* Lines 0 to VRNG_TALLY_LINES - 1, without prefix or newline. */
#define VRNG_TALLY_LINES (2 + VRNG_FIPS_TESTS)
void vrng_tally_line(const struct vrng_tally *tally, unsigned int n, char *line,
		     size_t size);

#endif
