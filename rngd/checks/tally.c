// SPDX-License-Identifier: GPL-2.0-or-later
/* Counts of blocks that passed and failed: see tally.h. */
#include <inttypes.h>
#include <stdio.h>

#include "rngd/checks/tally.h"

void vrng_tally_add(struct vrng_tally *tally, unsigned int failed)
{
	unsigned int test;

	if (!failed) {
		tally->good++;
		return;
	}
	tally->bad++;
	for (test = 0; test < VRNG_FIPS_TESTS; test++)
		if (failed & VRNG_FIPS_BIT(test))
			tally->failed[test]++;
}

void vrng_tally_line(const struct vrng_tally *tally, unsigned int n, char *line,
		     size_t size)
{
	if (n == 0)
		snprintf(line, size, "FIPS 140-2 successes: %" PRIu64,
			 tally->good);
	else if (n == 1)
		snprintf(line, size, "FIPS 140-2 failures: %" PRIu64,
			 tally->bad);
	else
		snprintf(line, size, "FIPS 140-2(2001-10-10) %s: %" PRIu64,
			 vrng_fips_test_name(n - 2), tally->failed[n - 2]);
}
