// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the binomial distribution, against sums over all outcomes and closed
 * forms, and what rngtest says about a number of failures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "rngd/checks/binomial.h"
#include "rngd/tester/plausible.h"

/* Equal but for a part of 1e-9. */
static void expect_equal(double is, double should)
{
	if (fabs(is - should) > 1e-9 * fabs(should))
		fail_msg("%.17g is not %.17g", is, should);
}

/* The probability of each number of successes, trial by trial. */
static void all_outcomes(double *outcomes, unsigned int n, double p)
{
	unsigned int trial, k;

	outcomes[0] = 1;
	for (trial = 1; trial <= n; trial++) {
		outcomes[trial] = 0;
		for (k = trial; k; k--)
			outcomes[k] =
				outcomes[k] * (1 - p) + outcomes[k - 1] * p;
		outcomes[0] *= 1 - p;
	}
}

static void tails_are_the_sums_of_their_outcomes(void **state)
{
	static const double ps[] = { 1e-6, 8e-4, 0.03, 0.5, 0.97 };
	static const unsigned int ns[] = { 1, 2, 7, 100 };
	double outcomes[101], below;
	unsigned int i, j, k;

	(void)state;
	for (i = 0; i < sizeof(ps) / sizeof(ps[0]); i++)
		for (j = 0; j < sizeof(ns) / sizeof(ns[0]); j++) {
			all_outcomes(outcomes, ns[j], ps[i]);
			below = 0;
			for (k = 0; k <= ns[j]; k++) {
				if (below < 0.5)
					expect_equal(vrng_binomial_or_more(
							     ns[j], k, ps[i]),
						     1 - below);
				below += outcomes[k];
				expect_equal(vrng_binomial_or_fewer(ns[j], k,
								    ps[i]),
					     fmin(below, 1));
			}
		}
}

static void small_tails_are_as_exact_as_large_ones(void **state)
{
	(void)state;
	expect_equal(vrng_binomial_or_more(20, 20, 1e-3), 1e-60);
	expect_equal(vrng_binomial_or_more(30, 29, 1e-4),
		     1e-120 + 30 * 1e-116 * (1 - 1e-4));
	expect_equal(vrng_binomial_or_fewer(10000, 0, 8e-4),
		     exp(10000 * log1p(-8e-4)));
	expect_equal(vrng_binomial_or_more(1000000000000, 0, 8e-4), 1);
	expect_equal(vrng_binomial_or_fewer(5, 5, 0.1), 1);
	assert_true(vrng_binomial_or_more(5, 6, 0.1) == 0);
}

static void expect_fit(uint64_t blocks, uint64_t failures, enum rngtest_fit fit)
{
	struct rngtest_plausible result;

	rngtest_plausible_judge(&result, blocks, failures);
	if (result.fit != fit)
		fail_msg("%llu of %llu: %s, with %g",
			 (unsigned long long)failures,
			 (unsigned long long)blocks,
			 rngtest_plausible_word(&result), result.probability);
}

static void the_failures_of_good_data_are_plausible(void **state)
{
	(void)state;
	expect_fit(1, 0, RNGTEST_PLAUSIBLE);
	expect_fit(100, 0, RNGTEST_PLAUSIBLE);
	expect_fit(100, 1, RNGTEST_PLAUSIBLE);
	expect_fit(100, 2, RNGTEST_PLAUSIBLE);
	expect_fit(100, 3, RNGTEST_DOUBTFUL);
	expect_fit(100, 5, RNGTEST_IMPLAUSIBLE);
	expect_fit(1, 1, RNGTEST_DOUBTFUL);
	expect_fit(10, 10, RNGTEST_IMPLAUSIBLE);
	expect_fit(1000000, 796, RNGTEST_PLAUSIBLE);
}

static void too_few_failures_are_noticed(void **state)
{
	(void)state;
	expect_fit(8000, 0, RNGTEST_PLAUSIBLE);
	expect_fit(10000, 0, RNGTEST_DOUBTFUL);
	expect_fit(20000, 0, RNGTEST_IMPLAUSIBLE);
	expect_fit(1000000, 500, RNGTEST_IMPLAUSIBLE);
}

static void the_line_says_it_in_words(void **state)
{
	struct rngtest_plausible result;
	char line[256];

	(void)state;
	rngtest_plausible_judge(&result, 100, 1);
	rngtest_plausible_line(&result, line, sizeof(line));
	assert_string_equal(line,
			    "the number of failures is plausible: good data "
			    "has 0.0796 in 100 blocks, and 1 or more with "
			    "probability 0.077");
	rngtest_plausible_judge(&result, 1, 0);
	rngtest_plausible_line(&result, line, sizeof(line));
	assert_non_null(strstr(line, " in 1 block, and none with"));
	rngtest_plausible_judge(&result, 1000, 1000);
	rngtest_plausible_line(&result, line, sizeof(line));
	assert_non_null(strstr(line, "below 1e-300; the data is not random"));
	rngtest_plausible_judge(&result, 100000, 7);
	rngtest_plausible_line(&result, line, sizeof(line));
	assert_non_null(strstr(line, "7 or fewer with"));
	assert_non_null(strstr(line, "; failing blocks were left out before"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tails_are_the_sums_of_their_outcomes),
		cmocka_unit_test(small_tails_are_as_exact_as_large_ones),
		cmocka_unit_test(the_failures_of_good_data_are_plausible),
		cmocka_unit_test(too_few_failures_are_noticed),
		cmocka_unit_test(the_line_says_it_in_words),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("plausible", tests, NULL, NULL);
}
