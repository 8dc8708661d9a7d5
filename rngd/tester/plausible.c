// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether a number of failures fits good random data: see plausible.h. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "rngd/checks/binomial.h"
#include "rngd/tester/plausible.h"

#define PLAUSIBLE 1e-3
#define DOUBTFUL  1e-6

static bool too_many(const struct rngtest_plausible *result)
{
	return (double)result->failures >= result->expected;
}

void rngtest_plausible_judge(struct rngtest_plausible *result, uint64_t blocks,
			     uint64_t failures)
{
	result->blocks = blocks;
	result->failures = failures;
	result->expected = (double)blocks * RNGTEST_FAILURE_RATE;
	result->probability =
		too_many(result) ? vrng_binomial_or_more(blocks, failures,
							 RNGTEST_FAILURE_RATE) :
				   vrng_binomial_or_fewer(blocks, failures,
							  RNGTEST_FAILURE_RATE);
	result->fit = result->probability >= PLAUSIBLE ? RNGTEST_PLAUSIBLE :
		      result->probability >= DOUBTFUL  ? RNGTEST_DOUBTFUL :
							 RNGTEST_IMPLAUSIBLE;
}

const char *rngtest_plausible_word(const struct rngtest_plausible *result)
{
	static const char *const words[] = {
		[RNGTEST_PLAUSIBLE] = "plausible",
		[RNGTEST_DOUBTFUL] = "doubtful",
		[RNGTEST_IMPLAUSIBLE] = "implausible",
	};

	return words[result->fit];
}

/* What follows from the verdict. */
static const char *advice(const struct rngtest_plausible *result)
{
	if (result->fit == RNGTEST_PLAUSIBLE)
		return "";
	if (result->fit == RNGTEST_DOUBTFUL)
		return "; test more blocks";
	return too_many(result) ? "; the data is not random" :
				  "; failing blocks were left out before";
}

void rngtest_plausible_line(const struct rngtest_plausible *result, char *line,
			    size_t size)
{
	char many[48], odds[24] = "below 1e-300";

	if (result->failures)
		snprintf(many, sizeof(many), "%" PRIu64 " or %s",
			 result->failures, too_many(result) ? "more" : "fewer");
	else
		snprintf(many, sizeof(many), "none");
	if (result->probability > 0)
		snprintf(odds, sizeof(odds), "%.2g", result->probability);
	snprintf(line, size,
		 "the number of failures is %s: good data has %.3g in %" PRIu64
		 " block%s, and %s with probability %s%s",
		 rngtest_plausible_word(result), result->expected,
		 result->blocks, result->blocks == 1 ? "" : "s", many, odds,
		 advice(result));
}
