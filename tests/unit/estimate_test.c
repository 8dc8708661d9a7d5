// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the estimators of SP 800-90B, 6.3: against the worked examples of the
 * standard, against the results of NIST's ea_non_iid for the same samples, and
 * on random strings against slow code that follows the standard step by step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/estimate/estimator.h"
#include "rngd/tester/estimate/predict.h"
#include "rngd/tester/estimate/repeats.h"
#include "tests/unit/estimate_data.h"
#include "tests/unit/estimate_vectors.h"

#define SEED 639u

static void expect_near(double is, double should, double by)
{
	if (fabs(is - should) <= by)
		return;
	fail_msg("%.17g is not %.17g, give or take %g", is, should, by);
}

static double figure(const struct vrng_estimate *estimate, const char *name)
{
	double value = vrng_estimate_figure(estimate, name);

	if (isnan(value))
		fail_msg("there is no figure %s", name);
	return value;
}

/* ------------------------------------------- the standard's own examples */

/*
 * The standard rounds its figures to four digits, Z to 2.576, and intermediate
 * results too: the last digit may differ by two.
 */
#define ROUNDED 0.0002

static const uint8_t forty_bits[] = { 1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 1,
				      0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1,
				      0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0 };

static const struct vrng_samples forty = { forty_bits, 40, 1, 2 };

static void most_common_value_is_as_in_the_example_of_6_3_1(void **state)
{
	static const uint8_t s[] = { 0, 1, 1, 2, 0, 1, 2, 2, 0, 1,
				     0, 1, 1, 0, 2, 2, 1, 0, 2, 1 };
	const struct vrng_samples samples = { s, sizeof(s), 8, 3 };
	struct vrng_estimate estimate = { 0 };

	(void)state;
	assert_int_equal(vrng_estimate_mcv(&samples, &estimate), 0);
	assert_true(estimate.done);
	expect_near(figure(&estimate, "p_hat"), 0.4, 1e-15);
	expect_near(figure(&estimate, "p_u"), 0.6895, ROUNDED);
	expect_near(estimate.entropy, 0.5363, ROUNDED);
}

static void collision_is_as_in_the_example_of_6_3_2(void **state)
{
	struct vrng_estimate estimate = { 0 };

	(void)state;
	assert_int_equal(vrng_estimate_collision(&forty, &estimate), 0);
	expect_near(figure(&estimate, "v"), 14, 0);
	expect_near(figure(&estimate, "p"), 0.7329, ROUNDED);
	expect_near(estimate.entropy, 0.4483, ROUNDED);
}

static void markov_is_as_in_the_example_of_6_3_3(void **state)
{
	struct vrng_estimate estimate = { 0 };

	(void)state;
	assert_int_equal(vrng_estimate_markov(&forty, &estimate), 0);
	expect_near(figure(&estimate, "p_0"), 0.475, 1e-15);
	expect_near(figure(&estimate, "p_1"), 0.525, 1e-15);
	expect_near(figure(&estimate, "p_00"), 0.3889, ROUNDED);
	expect_near(figure(&estimate, "p_01"), 0.6111, ROUNDED);
	expect_near(figure(&estimate, "p_10"), 0.5714, ROUNDED);
	expect_near(figure(&estimate, "p_11"), 0.4286, ROUNDED);
	expect_near(estimate.entropy, 0.761, 0.0005);
}

static void compression_is_as_in_the_example_of_6_3_4(void **state)
{
	static const uint8_t s[] = { 1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1,
				     0, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0,
				     0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0,
				     1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 1 };
	const struct vrng_samples bits = { s, sizeof(s), 1, 2 };
	struct vrng_estimate estimate = { 0 };

	(void)state;
	assert_int_equal(vrng_estimate_compression_of(&bits, 4, &estimate), 0);
	expect_near(figure(&estimate, "v"), 4, 0);
	expect_near(figure(&estimate, "p"), 0.5715, ROUNDED);
	expect_near(estimate.entropy, 0.1345, ROUNDED);
}

static void tuples_are_as_in_the_examples_of_6_3_5_and_6_3_6(void **state)
{
	static const uint8_t s[] = { 2, 2, 0, 1, 0, 2, 0, 1, 2, 1, 2,
				     0, 1, 2, 1, 0, 0, 1, 0, 0, 0 };
	struct vrng_estimate t_tuple = { 0 }, lrs = { 0 };
	struct vrng_repeats repeats;

	(void)state;
	assert_int_equal(vrng_repeats_find(&repeats, s, sizeof(s)), 0);
	assert_int_equal(repeats.most[1], 9);
	assert_int_equal(repeats.most[2], 4);
	assert_int_equal(repeats.most[3], 3);
	vrng_estimate_t_tuple(&repeats, 3, &t_tuple);
	vrng_estimate_lrs(&repeats, 3, &lrs);
	vrng_repeats_free(&repeats);
	expect_near(figure(&t_tuple, "t"), 3, 0);
	expect_near(t_tuple.entropy, 0.273, 0.0005);
	expect_near(figure(&lrs, "u"), 4, 0);
	expect_near(figure(&lrs, "v"), 5, 0);
	expect_near(lrs.entropy, 0.6146, ROUNDED);
}

static void multi_mcw_is_as_in_the_example_of_6_3_7(void **state)
{
	static const uint8_t s[] = { 1, 2, 1, 0, 2, 1, 1, 2, 2, 0, 0, 0 };
	static const size_t windows[] = { 3, 5, 7, 9 };
	const struct vrng_samples samples = { s, sizeof(s), 8, 3 };
	struct vrng_estimate estimate = { 0 };

	(void)state;
	vrng_estimate_multi_mcw_of(&samples, windows, &estimate);
	expect_near(figure(&estimate, "n"), 9, 0);
	expect_near(figure(&estimate, "p_global_prime"), 0.7627, ROUNDED);
	expect_near(estimate.entropy, 0.3908, ROUNDED);
}

static void lag_is_as_in_the_example_of_6_3_8(void **state)
{
	static const uint8_t s[] = { 2, 1, 3, 2, 1, 3, 1, 3, 1, 2 };
	const struct vrng_samples samples = { s, sizeof(s), 8, 3 };
	struct vrng_estimate estimate = { 0 };

	(void)state;
	vrng_estimate_lag_of(&samples, 3, &estimate);
	expect_near(figure(&estimate, "p_global_prime"), 0.6008, ROUNDED);
	expect_near(figure(&estimate, "p_local"), 0.1167, ROUNDED);
	expect_near(estimate.entropy, 0.735, 0.0005);
}

static void multi_mmc_is_as_in_the_example_of_6_3_9(void **state)
{
	static const uint8_t s[] = { 2, 1, 3, 2, 1, 3, 1, 3, 1 };
	const struct vrng_samples samples = { s, sizeof(s), 8, 3 };
	struct vrng_estimate estimate = { 0 };

	(void)state;
	vrng_estimate_multi_mmc_of(&samples, 3, &estimate);
	expect_near(figure(&estimate, "n"), 7, 0);
	expect_near(estimate.entropy, 0.0755, ROUNDED);
}

static void lz78y_is_as_in_the_example_of_6_3_10(void **state)
{
	static const uint8_t s[] = { 2, 1, 3, 2, 1, 3, 1, 3, 1, 2, 1, 3, 2 };
	const struct vrng_samples samples = { s, sizeof(s), 8, 3 };
	struct vrng_estimate estimate = { 0 };

	(void)state;
	vrng_estimate_lz78y_of(&samples, 4, &estimate);
	expect_near(figure(&estimate, "p_global_prime"), 0.9868, ROUNDED);
	expect_near(figure(&estimate, "p_local"), 0.1229, ROUNDED);
	expect_near(estimate.entropy, 0.0191, ROUNDED);
}

/* ------------------------------------------------- NIST's own program */

/*
 * NIST's program sums and solves in another order and precision. Counts must be
 * equal, other figures to ten digits.
 */
#define TEN_DIGITS 1e-10

static void expect_like(const char *set, const char *what, double is,
			double should)
{
	if (!(fabs(is - should) <= TEN_DIGITS * fmax(fabs(should), 1e-300)))
		fail_msg("%s, %s: %.17g is not %.17g", set, what, is, should);
}

static void compare_vectors(const struct sample_set *set,
			    const struct vrng_assessment *result)
{
	const struct vrng_estimate *estimate;
	const struct vector *vector;
	unsigned int compared = 0;
	char what[64];
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		vector = &vectors[i];
		if (strcmp(vector->set, set->name) != 0)
			continue;
		estimate = (vector->of_bits ? result->bits : result->original) +
			   vector->estimator;
		snprintf(what, sizeof(what), "%s %s",
			 vrng_estimator_name(vector->estimator),
			 vector->figure);
		expect_like(set->name, what,
			    strcmp(vector->figure, "entropy") == 0 ?
				    estimate->entropy :
				    figure(estimate, vector->figure),
			    vector->value);
		compared++;
	}
	assert_true(compared > 50);
}

static void compare_assessment(const char *set,
			       const struct vrng_assessment *result)
{
	size_t i = 0;

	while (strcmp(assessments[i].set, set) != 0)
		i++;
	expect_like(set, "H_original", result->h_original,
		    assessments[i].h_original);
	expect_like(set, "H_bitstring", result->h_bitstring,
		    assessments[i].h_bitstring);
	expect_like(set, "assessment", result->entropy, assessments[i].entropy);
}

static void figures_are_those_of_nists_program(void **state)
{
	struct vrng_assessment result;
	uint8_t *samples;
	size_t i;

	(void)state;
	for (i = 0; i < SAMPLE_SETS; i++) {
		const struct sample_set *set = &sample_sets[i];

		samples = malloc(set->count);
		assert_non_null(samples);
		fill_samples(set, samples, set->count);
		assert_int_equal(vrng_assess(samples, set->count, set->width, 0,
					     &result),
				 0);
		compare_vectors(set, &result);
		compare_assessment(set->name, &result);
		free(samples);
	}
}

/* ------------------------------------------ the standard, step by step */

/* Samples of few values that repeat earlier ones, so that tuples repeat. */
static size_t random_string(uint64_t *seed, uint8_t *s, size_t most,
			    unsigned int values)
{
	const size_t len = 40 + (size_t)(random_bits(seed, 8) * most / 256);
	const unsigned int moods = 1 + random_bits(seed, 2);
	size_t i;

	for (i = 0; i < len; i++) {
		if (i > 8 && random_bits(seed, 2) < moods)
			s[i] = s[i - 1 - random_bits(seed, 3) % (moods + 1)];
		else
			s[i] = (uint8_t)(random_bits(seed, 8) % values);
	}
	return len;
}

/* Returns the number of occurrences, from @at on, of the tuple at @at. */
static uint32_t places(const uint8_t *s, size_t len, size_t at, size_t w)
{
	uint32_t n = 0;
	size_t i;

	for (i = at; i + w <= len; i++)
		n += memcmp(s + i, s + at, w) == 0;
	return n;
}

/*
 * A tuple that occurs n times is counted n times at its first place, n - 1
 * times at its second, and so on. The sum of these counts less 1 is that of
 * pairs.
 */
static void plain_repeats(const uint8_t *s, size_t len, size_t w,
			  uint32_t *most, uint64_t *pairs)
{
	uint32_t n;
	size_t i;

	*most = 0;
	*pairs = 0;
	for (i = 0; i + w <= len; i++) {
		n = places(s, len, i, w);
		*pairs += n - 1;
		if (n > *most)
			*most = n;
	}
}

static void check_repeats(const uint8_t *s, size_t len)
{
	struct vrng_repeats repeats;
	uint32_t most = 2;
	uint64_t pairs;
	size_t w;

	assert_int_equal(vrng_repeats_find(&repeats, s, len), 0);
	for (w = 1; most > 1 && w < len; w++) {
		plain_repeats(s, len, w, &most, &pairs);
		if (most == 1) {
			assert_int_equal(repeats.longest, w - 1);
			break;
		}
		assert_true(w <= repeats.longest);
		assert_int_equal(repeats.most[w], most);
		assert_int_equal(repeats.pairs[w], pairs);
	}
	vrng_repeats_free(&repeats);
}

static void repeats_equal_those_of_plain_counting(void **state)
{
	uint64_t seed = SEED;
	uint8_t s[300];
	unsigned int i;
	size_t len;

	(void)state;
	print_message("# seed %u\n", SEED);
	for (i = 0; i < 300; i++) {
		len = random_string(&seed, s, 150, 1 + i % 5);
		check_repeats(s, len);
	}
	memset(s, 7, sizeof(s));
	check_repeats(s, 100);
	check_repeats(s, 2);
	check_repeats(s, 1);
}

/* Counts of predictions and of correct ones, as the standard defines them. */
struct plain_hits {
	uint64_t n, c, run, longest;
};

static void plain_hit(struct plain_hits *hits, bool right)
{
	hits->n++;
	hits->c += right;
	hits->run = right ? hits->run + 1 : 0;
	if (hits->run > hits->longest)
		hits->longest = hits->run;
}

struct plain_scoreboard {
	struct plain_hits hits;
	uint64_t scores[128];
	unsigned int winner;
};

/* A prediction of -1 stands for none. */
static void plain_step(struct plain_scoreboard *board, const int *predictions,
		       unsigned int n, int sample)
{
	unsigned int i;

	plain_hit(&board->hits, predictions[board->winner] == sample);
	for (i = 0; i < n; i++) {
		if (predictions[i] != sample)
			continue;
		board->scores[i]++;
		if (board->scores[i] >= board->scores[board->winner])
			board->winner = i;
	}
}

static void expect_hits(const struct vrng_estimate *estimate,
			const struct plain_hits *hits)
{
	assert_true(estimate->done);
	expect_near(figure(estimate, "n"), (double)hits->n, 0);
	expect_near(figure(estimate, "c"), (double)hits->c, 0);
	expect_near(figure(estimate, "r"), (double)hits->longest + 1, 0);
}

/* The most common of s[at-w] to s[at-1]; at a tie, the one that came last. */
static int plain_mode(const uint8_t *s, size_t at, size_t w)
{
	unsigned int counts[256] = { 0 }, most = 0;
	size_t i;

	if (at < w)
		return -1;
	for (i = at - w; i < at; i++)
		if (++counts[s[i]] > most)
			most = counts[s[i]];
	for (i = at; i-- > at - w;)
		if (counts[s[i]] == most)
			return s[i];
	return -1;
}

static void plain_multi_mcw(const struct vrng_samples *samples,
			    const size_t *windows,
			    struct plain_scoreboard *board)
{
	int predictions[4];
	unsigned int i;
	size_t at;

	*board = (struct plain_scoreboard){ 0 };
	for (at = windows[0]; at < samples->len; at++) {
		for (i = 0; i < 4; i++)
			predictions[i] = plain_mode(samples->s, at, windows[i]);
		plain_step(board, predictions, 4, samples->s[at]);
	}
}

static void plain_lag(const struct vrng_samples *samples, unsigned int lags,
		      struct plain_scoreboard *board)
{
	int predictions[128];
	unsigned int i;
	size_t at;

	*board = (struct plain_scoreboard){ 0 };
	for (at = 1; at < samples->len; at++) {
		for (i = 0; i < lags; i++)
			predictions[i] = at > i ? samples->s[at - i - 1] : -1;
		plain_step(board, predictions, lags, samples->s[at]);
	}
}

/*
 * Returns the value that most often followed the @order samples before s[at],
 * among s[@from] to s[at - 1], and sets *@count; -1 if there is none. A limit
 * of entries is not needed for so few samples.
 */
static int plain_follower(const uint8_t *s, size_t from, size_t at,
			  size_t order, unsigned int *count)
{
	unsigned int counts[256] = { 0 }, best = 0, y;
	size_t i;

	*count = 0;
	if (at < order)
		return -1;
	for (i = from; i < at; i++)
		if (i >= order &&
		    memcmp(s + i - order, s + at - order, order) == 0)
			counts[s[i]]++;
	for (y = 0; y < 256; y++)
		if (counts[y] && counts[y] >= counts[best])
			best = y;
	*count = counts[best];
	return counts[best] ? (int)best : -1;
}

static void plain_multi_mmc(const struct vrng_samples *samples,
			    unsigned int models, struct plain_scoreboard *board)
{
	unsigned int i, count;
	int predictions[16];
	size_t at;

	*board = (struct plain_scoreboard){ 0 };
	for (at = 2; at < samples->len; at++) {
		for (i = 0; i < models; i++)
			predictions[i] = plain_follower(samples->s, i + 1, at,
							i + 1, &count);
		plain_step(board, predictions, models, samples->s[at]);
	}
}

static void plain_lz78y(const struct vrng_samples *samples, unsigned int b,
			struct plain_hits *hits)
{
	unsigned int len, count, most;
	int prediction, follower;
	size_t at;

	*hits = (struct plain_hits){ 0 };
	for (at = b + 1; at < samples->len; at++) {
		prediction = -1;
		most = 0;
		for (len = b; len; len--) {
			/* The dictionary learns from s[b] on. */
			follower =
				plain_follower(samples->s, b, at, len, &count);
			if (count > most) {
				most = count;
				prediction = follower;
			}
		}
		plain_hit(hits, prediction == samples->s[at]);
	}
}

static void check_predictors(const struct vrng_samples *samples, uint64_t *seed)
{
	const size_t windows[] = { 3, 7, 15, 31 };
	const unsigned int lags = 1 + random_bits(seed, 7);
	const unsigned int orders = 1 + random_bits(seed, 4);
	struct vrng_estimate estimate = { 0 };
	struct plain_hits hits;
	struct plain_scoreboard board;

	vrng_estimate_multi_mcw_of(samples, windows, &estimate);
	plain_multi_mcw(samples, windows, &board);
	expect_hits(&estimate, &board.hits);

	estimate = (struct vrng_estimate){ 0 };
	vrng_estimate_lag_of(samples, lags, &estimate);
	plain_lag(samples, lags, &board);
	expect_hits(&estimate, &board.hits);

	estimate = (struct vrng_estimate){ 0 };
	vrng_estimate_multi_mmc_of(samples, orders, &estimate);
	plain_multi_mmc(samples, orders, &board);
	expect_hits(&estimate, &board.hits);

	estimate = (struct vrng_estimate){ 0 };
	vrng_estimate_lz78y_of(samples, orders, &estimate);
	plain_lz78y(samples, orders, &hits);
	expect_hits(&estimate, &hits);
}

static void predictors_equal_those_of_the_plain_code(void **state)
{
	struct vrng_samples samples = { 0 };
	uint64_t seed = SEED;
	uint8_t s[500];
	unsigned int i;

	(void)state;
	print_message("# seed %u\n", SEED);
	samples.s = s;
	for (i = 0; i < 120; i++) {
		samples.symbols = i % 3 ? 2 : 1 + i % 7;
		samples.width = i % 3 ? 1 : 8;
		samples.len = random_string(&seed, s, 400, samples.symbols);
		check_predictors(&samples, &seed);
	}
}

/*
 * There is separate code for bits. It must give the same results as that for
 * bytes, also when models are full.
 */
static void bits_as_bytes_have_the_same_estimates(void **state)
{
	static int (*const estimators[])(const struct vrng_samples *,
					 struct vrng_estimate *) = {
		vrng_estimate_multi_mcw,
		vrng_estimate_lag,
		vrng_estimate_multi_mmc,
		vrng_estimate_lz78y,
	};
	const size_t len = 160000; /* 2^17 pairs of order 16, some twice */
	uint8_t *s = malloc(len);
	struct vrng_samples bits = { s, len, 1, 2 }, bytes = { s, len, 8, 2 };
	uint64_t seed = SEED;
	size_t i;

	(void)state;
	assert_non_null(s);
	for (i = 0; i < len; i++)
		s[i] = random_bits(&seed, 1);
	for (i = 0; i < sizeof(estimators) / sizeof(estimators[0]); i++) {
		struct vrng_estimate a = { 0 }, b = { 0 };

		assert_int_equal(estimators[i](&bits, &a), 0);
		assert_int_equal(estimators[i](&bytes, &b), 0);
		assert_true(a.done && b.done);
		assert_int_equal(a.count, b.count);
		assert_memory_equal(a.figures, b.figures, sizeof(a.figures));
	}
	free(s);
}

/* P(no run of @r hits in @n trials), computed trial by trial. */
static double no_run(double p, unsigned int r, unsigned int n)
{
	double at[64] = { 1 }, failed = 0, all;
	unsigned int i, j;

	for (i = 0; i < n; i++) {
		all = 0;
		for (j = 0; j < r; j++)
			all += at[j];
		failed += at[r - 1] * p;
		for (j = r - 1; j; j--)
			at[j] = at[j - 1] * p;
		at[0] = all * (1 - p);
	}
	return 1 - failed;
}

static void p_local_gives_the_run_its_probability(void **state)
{
	static const unsigned int rs[] = { 1, 2, 3, 8, 20, 40 };
	unsigned int i, n;

	(void)state;
	for (i = 0; i < sizeof(rs) / sizeof(rs[0]); i++)
		for (n = 100; n <= 100000; n *= 10)
			expect_near(no_run(vrng_hits_p_local(rs[i], n), rs[i],
					   n),
				    0.99, 1e-6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			most_common_value_is_as_in_the_example_of_6_3_1),
		cmocka_unit_test(collision_is_as_in_the_example_of_6_3_2),
		cmocka_unit_test(markov_is_as_in_the_example_of_6_3_3),
		cmocka_unit_test(compression_is_as_in_the_example_of_6_3_4),
		cmocka_unit_test(
			tuples_are_as_in_the_examples_of_6_3_5_and_6_3_6),
		cmocka_unit_test(multi_mcw_is_as_in_the_example_of_6_3_7),
		cmocka_unit_test(lag_is_as_in_the_example_of_6_3_8),
		cmocka_unit_test(multi_mmc_is_as_in_the_example_of_6_3_9),
		cmocka_unit_test(lz78y_is_as_in_the_example_of_6_3_10),
		cmocka_unit_test(figures_are_those_of_nists_program),
		cmocka_unit_test(repeats_equal_those_of_plain_counting),
		cmocka_unit_test(predictors_equal_those_of_the_plain_code),
		cmocka_unit_test(bits_as_bytes_have_the_same_estimates),
		cmocka_unit_test(p_local_gives_the_run_its_probability),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("estimate", tests, NULL, NULL);
}
