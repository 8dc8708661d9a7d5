// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the restart tests and the conditioning of SP 800-90B, 3.1.4 and 3.1.5:
 * cut-offs against the binomial distribution, the entropy of conditioned output
 * against NIST's ea_conditioning, and matrices that must and must not pass.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/checks/binomial.h"
#include "rngd/tester/estimate/conditioning.h"
#include "rngd/tester/estimate/restart.h"
#include "tests/unit/estimate_data.h"

#define N VRNG_RESTARTS

static void expect_near(double is, double should, double by)
{
	if (fabs(is - should) <= by)
		return;
	fail_msg("%.17g is not %.17g, give or take %g", is, should, by);
}

/* ------------------------------------------------------------ conditioning */

/* What ea_conditioning 1.1.7 computes; epsilon 0: it says none. */
static const struct {
	struct vrng_conditioning c;
	double h_out;
	double epsilon;
} conditionings[] = {
	{ { .n_in = 512, .n_out = 256, .nw = 256, .h_in = 300, .vetted = true },
	  255.9999999999999179961,
	  51.47123362705514338852 },
	{ { .n_in = 256, .n_out = 256, .nw = 256, .h_in = 256, .vetted = true },
	  251.689764568727055119,
	  0 },
	{ { .n_in = 1000,
	    .n_out = 128,
	    .nw = 256,
	    .h_in = 140.5,
	    .vetted = true },
	  127.9997509640132782177,
	  18.97135814683963999857 },
	{ { .n_in = 512, .n_out = 256, .nw = 256, .h_in = 300, .h_prime = 0.9 },
	  230.3999999999999999944,
	  0 },
	{ { .n_in = 8, .n_out = 8, .nw = 8, .h_in = 4, .vetted = true },
	  3.917537839808027045262,
	  0 },
	{ { .n_in = 2048, .n_out = 384, .nw = 512, .h_in = 400, .vetted = true },
	  383.9999779863886396613,
	  24.05620713459593450721 },
	{ { .n_in = 64, .n_out = 128, .nw = 64, .h_in = 50, .vetted = true },
	  49.99991194756987782435,
	  0 },
	{ { .n_in = 512, .n_out = 256, .nw = 256, .h_in = 400, .vetted = true },
	  256,
	  131.2356168135275511915 },
};

static void conditioned_output_is_as_nist_says(void **state)
{
	struct vrng_conditioning c;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(conditionings) / sizeof(conditionings[0]); i++) {
		c = conditionings[i].c;
		vrng_conditioning_find(&c);
		expect_near(c.h_out, conditionings[i].h_out, 1e-12 * c.n_out);
		if (conditionings[i].epsilon > 0)
			expect_near(c.epsilon, conditionings[i].epsilon, 1e-9);
	}
}

static void conditioning_never_adds_entropy(void **state)
{
	struct vrng_conditioning c = { .vetted = true };

	(void)state;
	for (c.n_in = 1; c.n_in < 5000; c.n_in = c.n_in * 3 / 2 + 1)
		for (c.n_out = 1; c.n_out < 5000; c.n_out *= 3)
			for (c.h_in = c.n_in; c.h_in > 0.01; c.h_in *= 0.7) {
				c.nw = c.n_out;
				vrng_conditioning_find(&c);
				assert_true(c.h_out >= 0);
				assert_true(c.h_out <= c.n_out);
				assert_true(c.h_out <= c.h_in + 1e-9);
			}
}

/* ---------------------------------------------------------------- restarts */

/*
 * With one or two values the count of the most common is binomial, or the
 * greater of it and its rest.
 */
static void cutoffs_are_as_the_binomial_distribution_says(void **state)
{
	const double alpha = -expm1(log(0.99) / (2 * N));
	unsigned int m;

	(void)state;
	for (m = 500; 2 * vrng_binomial_or_more(N, m + 1, 0.5) > alpha;)
		m++;
	assert_int_equal(vrng_restart_cutoff(1), m);
	for (m = 700; vrng_binomial_or_more(N, m + 1, 0.75) > alpha;)
		m++;
	assert_int_equal(vrng_restart_cutoff(-log2(0.75)), m);
}

static void cutoffs_fall_with_the_claim(void **state)
{
	unsigned int last = N + 1, cutoff, quarters;
	double h;

	(void)state;
	for (quarters = 1; quarters <= 32; quarters++) {
		h = quarters / 4.0;
		cutoff = vrng_restart_cutoff(h);
		assert_true(cutoff < last && cutoff > N / exp2(h));
		last = cutoff;
	}
}

static void fill_bits(uint8_t *samples, size_t count)
{
	uint64_t seed = 314;
	size_t i;

	for (i = 0; i < count; i++)
		samples[i] = random_bits(&seed, 1);
}

static void a_good_matrix_keeps_its_claim(void **state)
{
	uint8_t *samples = malloc(VRNG_RESTART_SAMPLES);
	static struct vrng_restart result;

	(void)state;
	assert_non_null(samples);
	fill_bits(samples, VRNG_RESTART_SAMPLES);
	assert_int_equal(vrng_restart_test(samples, 1, 0.5, 2, &result), 0);
	assert_true(result.sane && result.valid);
	expect_near(result.entropy, 0.5, 0);
	assert_int_equal(vrng_restart_test(samples, 1, 1, 2, &result), 0);
	assert_true(result.valid);
	expect_near(result.entropy, fmin(result.h_rows, result.h_columns), 0);
	assert_true(result.entropy > 0.7 && result.entropy < 1);
	/* Two values hold no more than one bit. */
	assert_int_equal(vrng_restart_test(samples, 1, 1.01, 2, &result),
			 -EDOM);
	assert_int_equal(vrng_restart_test(samples, 1, 0, 2, &result), -EDOM);
	free(samples);
}

/* Each restart gives the same samples: only the columns show it. */
static void a_source_that_starts_the_same_fails(void **state)
{
	uint8_t *samples = malloc(VRNG_RESTART_SAMPLES);
	static struct vrng_restart result;
	size_t row;

	(void)state;
	assert_non_null(samples);
	fill_bits(samples, N);
	for (row = 1; row < N; row++)
		memcpy(samples + row * N, samples, N);
	assert_int_equal(vrng_restart_test(samples, 1, 0.5, 2, &result), 0);
	assert_true(result.most_in_row <= result.cutoff);
	assert_int_equal(result.most_in_column, N);
	assert_false(result.sane || result.valid);
	expect_near(result.entropy, 0, 0);
	free(samples);
}

static void rows_become_columns(void **state)
{
	uint8_t *rows = malloc(VRNG_RESTART_SAMPLES);
	uint8_t *columns = malloc(VRNG_RESTART_SAMPLES);
	size_t row, column;

	(void)state;
	assert_true(rows && columns);
	for (row = 0; row < N; row++)
		for (column = 0; column < N; column++)
			rows[row * N + column] = (uint8_t)(7 * row + column);
	vrng_restart_transpose(rows, columns);
	for (row = 0; row < N; row++)
		for (column = 0; column < N; column++)
			assert_int_equal(columns[row * N + column],
					 (uint8_t)(7 * column + row));
	free(rows);
	free(columns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditioned_output_is_as_nist_says),
		cmocka_unit_test(conditioning_never_adds_entropy),
		cmocka_unit_test(cutoffs_are_as_the_binomial_distribution_says),
		cmocka_unit_test(cutoffs_fall_with_the_claim),
		cmocka_unit_test(a_good_matrix_keeps_its_claim),
		cmocka_unit_test(a_source_that_starts_the_same_fails),
		cmocka_unit_test(rows_become_columns),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("restart", tests, NULL, NULL);
}
