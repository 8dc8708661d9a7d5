// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the IID track of SP 800-90B: the statistics against the worked examples
 * of the standard and the results of NIST's ea_iid, the chi-square distribution
 * against closed forms, and that the verdict depends on the seed only.
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

#include "rngd/tester/iid/generator.h"
#include "rngd/tester/iid/iid.h"
#include "rngd/tester/iid/runs.h"
#include "tests/unit/estimate_data.h"
#include "tests/unit/iid_vectors.h"

#define SEED 59u

static void expect_near(double is, double should, double by)
{
	if (fabs(is - should) <= by)
		return;
	fail_msg("%.17g is not %.17g, give or take %g", is, should, by);
}

static bool always(void *arg, unsigned int shuffles, unsigned int passed)
{
	(void)arg;
	(void)shuffles;
	(void)passed;
	return true;
}

static const struct vrng_iid_watch patient = { always, NULL };

/* ------------------------------------------- the standard's own examples */

/* Measure @len samples that are no bits. */
static void measure(const uint8_t *s, size_t len, double *values)
{
	struct vrng_iid_room room;
	struct vrng_iid_set set;

	vrng_iid_set_init(&set, s, len, false);
	assert_int_equal(vrng_iid_room_init(&room, &set), 0);
	vrng_iid_measure(&set, s, VRNG_IID_ALL, &room, values);
	vrng_iid_room_free(&room, len);
}

static void statistics_are_as_in_the_examples_of_5_1(void **state)
{
	static const uint8_t excursion[] = { 2, 15, 4, 10, 9 };
	static const uint8_t runs[] = { 2, 2, 2, 5, 7, 7, 9, 3, 1, 4, 4 };
	static const uint8_t median[] = { 5, 15, 12, 1, 13, 9, 4 };
	static const uint8_t collision[] = { 2, 1, 1, 2, 0, 1, 0, 1, 1, 2 };
	static const uint8_t period[] = { 2, 1, 2, 1, 0, 1, 0, 1, 1, 2 };
	static const uint8_t product[] = { 5, 2, 6, 10, 12, 3, 1 };
	double v[VRNG_IID_STATISTICS];

	(void)state;
	measure(excursion, sizeof(excursion), v);
	expect_near(v[VRNG_IID_EXCURSION], 6, 0);
	measure(runs, sizeof(runs), v);
	expect_near(v[VRNG_IID_DIRECTIONAL_RUNS], 3, 0);
	expect_near(v[VRNG_IID_LONGEST_DIRECTIONAL_RUN], 6, 0);
	expect_near(v[VRNG_IID_INCREASES], 8, 0);
	measure(median, sizeof(median), v);
	expect_near(v[VRNG_IID_MEDIAN_RUNS], 5, 0);
	expect_near(v[VRNG_IID_LONGEST_MEDIAN_RUN], 2, 0);
	measure(collision, sizeof(collision), v);
	expect_near(v[VRNG_IID_MEAN_COLLISION], 3, 0);
	expect_near(v[VRNG_IID_LONGEST_COLLISION], 4, 0);
	measure(period, sizeof(period), v);
	expect_near(v[VRNG_IID_PERIODICITY + 1], 5, 0);
	measure(product, sizeof(product), v);
	expect_near(v[VRNG_IID_COVARIANCE + 1], 164, 0);
}

/* ------------------------------------------------------- NIST's program */

/* Stop before the shuffles: the rest is compared. */
static bool never(void *arg, unsigned int shuffles, unsigned int passed)
{
	(void)arg;
	(void)shuffles;
	(void)passed;
	return false;
}

/* One comparison after the other, as the standard has it. */
static struct vrng_runs plain_runs(const uint8_t *s, size_t len, int limit)
{
	struct vrng_runs runs = { .count = 1, .longest = 1 };
	size_t run = 0, i;
	bool last = false, less;

	for (i = 0; i < len; i++) {
		less = limit < 0 ? s[i + 1] < s[i] : s[i] < limit;
		runs.less += less;
		runs.count += i && less != last;
		run = i && less == last ? run + 1 : 1;
		runs.longest = run > runs.longest ? run : runs.longest;
		last = less;
	}
	return runs;
}

static void expect_runs(struct vrng_runs is, struct vrng_runs should)
{
	assert_int_equal(is.count, should.count);
	assert_int_equal(is.longest, should.longest);
	assert_int_equal(is.less, should.less);
}

/* Long runs and short ones, that end before, at and after the end of a word. */
static void runs_of_any_length_are_found(void **state)
{
	struct vrng_generator generator;
	struct vrng_runs runs;
	uint8_t s[400] = { 0 };
	unsigned int round, stay;
	size_t len, i;

	(void)state;
	vrng_generator_begin(&generator, SEED, 0);
	for (round = 0; round < 4000; round++) {
		stay = 1 + vrng_generator_below(&generator, 90);
		len = 2 + vrng_generator_below(&generator, sizeof(s) - 2);
		for (i = 0; i < len; i++)
			s[i] = i && vrng_generator_below(&generator, stay) ?
				       (uint8_t)(s[i - 1] + round % 2) :
				       (uint8_t)vrng_generator_half(&generator);
		vrng_runs_below(s, len, 128, &runs);
		expect_runs(runs, plain_runs(s, len, 128));
		vrng_runs_falling(s, len, &runs);
		expect_runs(runs, plain_runs(s, len - 1, -1));
	}
}

static void expect_chi_square(const struct vrng_chi_square *is,
			      const double should[3])
{
	expect_near(is->score, should[0], 1e-6 * fmax(1, should[0]));
	expect_near(is->freedom, should[1], 0);
	expect_near(is->probability, should[2], 1e-9);
	assert_int_equal(is->passed, should[2] >= 0.001);
}

static void expect_vector(const struct iid_vector *vector,
			  const struct sample_set *set)
{
	const struct vrng_iid_watch watch = { never, NULL };
	uint8_t *samples = malloc(vector->count);
	struct vrng_iid iid;
	unsigned int i;

	assert_non_null(samples);
	fill_samples(set, samples, vector->count);
	assert_int_equal(vrng_iid_test(samples, vector->count, set->width, SEED,
				       1, &watch, &iid),
			 -EINTR);
	free(samples);
	expect_near(iid.entropy, vector->entropy, 1e-9);
	expect_chi_square(&iid.independence, vector->independence);
	expect_chi_square(&iid.fit, vector->fit);
	expect_near((double)iid.repeat.length, vector->repeat[0], 0);
	expect_near(iid.repeat.probability, vector->repeat[1], 1e-9);
	for (i = 0; i < VRNG_IID_STATISTICS; i++)
		expect_near(iid.permutations.tests[i].value, vector->values[i],
			    1e-6);
}

static void results_are_those_of_nist(void **state)
{
	unsigned int i, n;

	(void)state;
	for (i = 0; i < sizeof(iid_vectors) / sizeof(iid_vectors[0]); i++)
		for (n = 0; n < SAMPLE_SETS; n++)
			if (!strcmp(sample_sets[n].name, iid_vectors[i].set))
				expect_vector(&iid_vectors[i], &sample_sets[n]);
}

/* ------------------------------------------------------------- chi-square */

static void tails_of_the_chi_square_are_as_their_closed_forms(void **state)
{
	double x = 0.01, sum, term;
	unsigned int i, k, j;

	(void)state;
	for (i = 0; i < 42; i++, x *= 1.3) {
		expect_near(vrng_chi_square_tail(x, 1), erfc(sqrt(x / 2)),
			    1e-13);
		/* For 2 k degrees: e^-(x/2) times the first k terms of e^(x/2) */
		for (k = 1; k <= 200; k += 7) {
			term = exp(-x / 2);
			sum = 0;
			for (j = 0; j < k; j++) {
				sum += term;
				term *= x / 2 / (j + 1);
			}
			expect_near(vrng_chi_square_tail(x, 2.0 * k), sum,
				    1e-12);
		}
	}
	expect_near(vrng_chi_square_tail(0, 5), 1, 0);
	expect_near(vrng_chi_square_tail(3, 0), 1, 0);
	/* Near the mean of many degrees: by Wilson and Hilferty. */
	expect_near(vrng_chi_square_tail(65280, 65280), 0.49926, 1e-5);
}

/* ---------------------------------------------------------- permutations */

static void numbers_below_a_bound_are_equally_likely(void **state)
{
	static const uint32_t bounds[] = { 2, 3, 7, 100 };
	struct vrng_generator generator;
	unsigned int counts[100], i, n;
	double score, away;

	(void)state;
	for (i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		memset(counts, 0, sizeof(counts));
		vrng_generator_begin(&generator, SEED, i);
		for (n = 0; n < bounds[i] * 1000; n++)
			counts[vrng_generator_below(&generator, bounds[i])]++;
		score = 0;
		for (n = 0; n < bounds[i]; n++) {
			away = counts[n] - 1000.0;
			score += away * away / 1000;
		}
		assert_true(vrng_chi_square_tail(score, bounds[i] - 1) > 0.001);
	}
}

/*
 * Test @count samples of a set, and expect a verdict. Of bytes only the upper
 * half is taken: for 8 bits so few samples fill no bins.
 */
static void expect_verdict(unsigned int set, size_t count, unsigned int threads,
			   bool passed, struct vrng_iid *iid)
{
	const unsigned int width = sample_sets[set].width == 1 ? 1 : 4;
	uint8_t samples[4000];
	size_t i;

	assert_true(count <= sizeof(samples));
	fill_samples(&sample_sets[set], samples, count);
	for (i = 0; width == 4 && i < count; i++)
		samples[i] >>= 4;
	assert_int_equal(vrng_iid_test(samples, count, width, SEED, threads,
				       &patient, iid),
			 0);
	assert_int_equal(iid->passed, passed);
}

static void ideal_samples_pass(void **state)
{
	struct vrng_iid iid;
	unsigned int i, most, least;

	(void)state;
	expect_verdict(0, 4000, 2, true, &iid);
	/* Each statistic passed with the sixth shuffle on the rarer side. */
	for (i = 0; i < VRNG_IID_STATISTICS; i++) {
		const struct vrng_permutation *p = &iid.permutations.tests[i];

		most = p->above + p->equal;
		least = p->equal + p->below;
		assert_int_equal(most < least ? most : least, 6);
	}
	assert_true(iid.permutations.shuffles < VRNG_IID_SHUFFLES);
	assert_true(iid.seed == SEED);
}

/* 1,000 bytes have no pair of values that is expected five times. */
static void a_test_with_too_few_samples_gives_no_verdict(void **state)
{
	struct vrng_iid iid;
	uint8_t samples[1000];

	(void)state;
	fill_samples(&sample_sets[0], samples, sizeof(samples));
	assert_int_equal(vrng_iid_test(samples, sizeof(samples), 8, SEED, 1,
				       &patient, &iid),
			 0);
	assert_int_equal(iid.independence.freedom, 0);
	assert_false(iid.independence.passed);
	assert_true(iid.fit.passed);
	assert_int_equal(iid.too_few, 1);
	assert_false(iid.passed);
	assert_false(iid.failed);
}

static void biased_bits_are_iid_too(void **state)
{
	struct vrng_iid iid;

	(void)state;
	expect_verdict(4, 4000, 2, true, &iid);
	assert_true(iid.entropy < 0.6);
}

static void a_walk_fails_the_tests_that_see_it(void **state)
{
	const struct vrng_permutation *tests;
	struct vrng_iid iid;

	(void)state;
	expect_verdict(1, 300, 2, false, &iid);
	tests = iid.permutations.tests;
	assert_int_equal(iid.permutations.shuffles, VRNG_IID_SHUFFLES);
	assert_false(tests[VRNG_IID_MEDIAN_RUNS].passed);
	assert_int_equal(tests[VRNG_IID_MEDIAN_RUNS].above, VRNG_IID_SHUFFLES);
	assert_false(tests[VRNG_IID_DIRECTIONAL_RUNS].passed);
}

/* It takes longer than all others, and would change no verdict. */
static void nothing_is_compressed_after_a_failure(void **state)
{
	const struct vrng_permutation *last;
	struct vrng_iid iid = { 0 };

	(void)state;
	last = &iid.permutations.tests[VRNG_IID_COMPRESSION];
	expect_verdict(1, 300, 2, false, &iid);
	assert_true(last->left_out);
	assert_false(last->passed);
	assert_true(last->value > 0);
	assert_int_equal(last->above + last->equal + last->below, 0);
	expect_verdict(0, 2000, 2, true, &iid);
	assert_false(last->left_out);
	assert_true(last->passed);
}

static void sticky_bits_fail(void **state)
{
	struct vrng_iid iid;

	(void)state;
	expect_verdict(3, 800, 2, false, &iid);
	assert_false(iid.permutations.tests[VRNG_IID_MEDIAN_RUNS].passed);
}

static void the_result_does_not_depend_on_threads(void **state)
{
	static struct vrng_iid one, many;
	unsigned int threads;

	(void)state;
	expect_verdict(0, 2000, 1, true, &one);
	for (threads = 2; threads <= 5; threads += 3) {
		expect_verdict(0, 2000, threads, true, &many);
		assert_memory_equal(one.permutations.tests,
				    many.permutations.tests,
				    sizeof(one.permutations.tests));
		assert_int_equal(one.permutations.shuffles,
				 many.permutations.shuffles);
	}
}

static void another_seed_gives_other_shuffles(void **state)
{
	static struct vrng_iid a, b;
	uint8_t samples[2000];

	(void)state;
	fill_samples(&sample_sets[0], samples, sizeof(samples));
	assert_int_equal(vrng_iid_test(samples, sizeof(samples), 8, 1, 1,
				       &patient, &a),
			 0);
	assert_int_equal(vrng_iid_test(samples, sizeof(samples), 8, 2, 1,
				       &patient, &b),
			 0);
	assert_memory_not_equal(a.permutations.tests, b.permutations.tests,
				sizeof(a.permutations.tests));
}

static bool three_times(void *arg, unsigned int shuffles, unsigned int passed)
{
	(void)arg;
	(void)passed;
	return shuffles < 3;
}

static void the_caller_can_end_it(void **state)
{
	const struct vrng_iid_watch watch = { three_times, NULL };
	struct vrng_iid iid;
	uint8_t samples[2000];

	(void)state;
	fill_samples(&sample_sets[0], samples, sizeof(samples));
	assert_int_equal(vrng_iid_test(samples, sizeof(samples), 8, SEED, 3,
				       &watch, &iid),
			 -EINTR);
	assert_int_equal(iid.permutations.shuffles, 3);
	assert_false(iid.passed);
}

static void what_cannot_be_tested_is_refused(void **state)
{
	static const uint8_t samples[] = { 1, 2, 3, 4 };
	static const uint8_t equal[] = { 5, 5, 5, 5 };
	static const uint8_t few[] = { 0, 1 };
	struct vrng_iid iid;

	(void)state;
	assert_int_equal(vrng_iid_test(samples, 4, 2, 0, 1, &patient, &iid),
			 -EINVAL);
	assert_int_equal(vrng_iid_test(samples, 4, 9, 0, 1, &patient, &iid),
			 -EINVAL);
	assert_int_equal(vrng_iid_test(samples, 1, 8, 0, 1, &patient, &iid),
			 -EINVAL);
	assert_int_equal(vrng_iid_test(equal, 4, 8, 0, 1, &patient, &iid),
			 -EDOM);
	assert_int_equal(vrng_iid_test(few, 2, 1, 0, 1, &patient, &iid), 0);
	assert_int_equal(vrng_iid_test(samples, 4, 3, 0, 1, &patient, &iid), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statistics_are_as_in_the_examples_of_5_1),
		cmocka_unit_test(runs_of_any_length_are_found),
		cmocka_unit_test(results_are_those_of_nist),
		cmocka_unit_test(
			tails_of_the_chi_square_are_as_their_closed_forms),
		cmocka_unit_test(numbers_below_a_bound_are_equally_likely),
		cmocka_unit_test(ideal_samples_pass),
		cmocka_unit_test(a_test_with_too_few_samples_gives_no_verdict),
		cmocka_unit_test(biased_bits_are_iid_too),
		cmocka_unit_test(a_walk_fails_the_tests_that_see_it),
		cmocka_unit_test(nothing_is_compressed_after_a_failure),
		cmocka_unit_test(sticky_bits_fail),
		cmocka_unit_test(the_result_does_not_depend_on_threads),
		cmocka_unit_test(another_seed_gives_other_shuffles),
		cmocka_unit_test(the_caller_can_end_it),
		cmocka_unit_test(what_cannot_be_tested_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("iid", tests, NULL, NULL);
}
