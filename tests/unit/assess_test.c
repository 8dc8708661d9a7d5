// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests how samples are assessed by all estimators together. */
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
#include "tests/unit/estimate_data.h"

#define SEED 639u

static void expect_near(double is, double should, double by)
{
	if (fabs(is - should) <= by)
		return;
	fail_msg("%.17g is not %.17g, give or take %g", is, should, by);
}

static void constant_samples_have_no_entropy(void **state)
{
	static uint8_t zeros[20000];
	struct vrng_assessment result;
	unsigned int width;

	(void)state;
	for (width = 1; width <= 8; width += 7) {
		assert_int_equal(vrng_assess(zeros, sizeof(zeros), width, 1,
					     &result),
				 0);
		assert_int_equal(result.symbols, 1);
		expect_near(result.h_original, 0, 0);
		expect_near(result.entropy, 0, 0);
		assert_false(signbit(result.entropy));
	}
}

static void undefined_estimates_are_not_done(void **state)
{
	struct vrng_assessment result;
	uint8_t samples[200];
	uint64_t seed = SEED;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(samples); i++)
		samples[i] = random_bits(&seed, 8);
	assert_int_equal(vrng_assess(samples, sizeof(samples), 8, 1, &result),
			 0);
	assert_false(result.original[VRNG_EST_COLLISION].done);
	assert_false(result.original[VRNG_EST_MARKOV].done);
	assert_false(result.original[VRNG_EST_COMPRESSION].done);
	assert_false(result.original[VRNG_EST_T_TUPLE].done);
	assert_false(result.bits[VRNG_EST_COMPRESSION].done);
	assert_true(result.bits[VRNG_EST_T_TUPLE].done);
	assert_true(result.bits[VRNG_EST_COLLISION].done);
	/* Those that are not defined for such samples have not too few. */
	assert_false(result.original[VRNG_EST_COLLISION].too_few);
	assert_true(result.original[VRNG_EST_T_TUPLE].too_few);
	assert_true(result.original[VRNG_EST_MULTI_MCW].too_few);
	assert_true(result.bits[VRNG_EST_COMPRESSION].too_few);
	assert_true(result.bits[VRNG_EST_MULTI_MCW].too_few);
	assert_false(result.bits[VRNG_EST_T_TUPLE].too_few);
	/* Any number of samples from one on is accepted. */
	for (i = 1; i <= sizeof(samples); i++)
		assert_int_equal(vrng_assess(samples, i, 8, 1, &result), 0);
}

static void invalid_samples_are_refused(void **state)
{
	const uint8_t samples[] = { 0, 1, 2, 1 };
	struct vrng_assessment result;

	(void)state;
	assert_int_equal(vrng_assess(samples, 0, 8, 1, &result), -EINVAL);
	assert_int_equal(vrng_assess(samples, 4, 0, 1, &result), -EINVAL);
	assert_int_equal(vrng_assess(samples, 4, 9, 1, &result), -EINVAL);
	assert_int_equal(vrng_assess(samples, 4, 1, 1, &result), -EINVAL);
	assert_int_equal(vrng_assess(samples, VRNG_ASSESS_MAX + 1, 8, 1,
				     &result),
			 -EINVAL);
	assert_int_equal(vrng_assess(samples, 2, 1, 1, &result), 0);
}

static void results_do_not_depend_on_threads(void **state)
{
	static struct vrng_assessment one, many;
	uint8_t samples[8000];
	unsigned int threads;

	(void)state;
	memset(&one, 0, sizeof(one));
	fill_samples(&sample_sets[1], samples, sizeof(samples));
	assert_int_equal(vrng_assess(samples, sizeof(samples), 8, 1, &one), 0);
	for (threads = 0; threads < 20; threads += 3) {
		memset(&many, 0, sizeof(many));
		assert_int_equal(vrng_assess(samples, sizeof(samples), 8,
					     threads, &many),
				 0);
		assert_memory_equal(&one, &many, sizeof(one));
	}
}

static void bits_are_unpacked_most_significant_first(void **state)
{
	static const uint8_t packed[] = { 0x81, 0x0f };
	static const uint8_t want[] = { 1, 0, 0, 0, 0, 0, 0, 1,
					0, 0, 0, 0, 1, 1, 1, 1 };
	uint8_t bits[16];

	(void)state;
	assert_int_equal(vrng_assess_unpack(packed, sizeof(packed), 1, bits),
			 16);
	assert_memory_equal(bits, want, sizeof(want));
}

/* 10000001 00001111 */
static void samples_of_any_width_are_unpacked(void **state)
{
	static const uint8_t packed[] = { 0x81, 0x0f };
	static const struct {
		unsigned int width;
		size_t count;
		uint8_t want[8];
	} cases[] = {
		{ 2, 8, { 2, 0, 0, 1, 0, 0, 3, 3 } },
		{ 3, 5, { 4, 0, 2, 0, 7 } },
		{ 4, 4, { 8, 1, 0, 15 } },
		{ 5, 3, { 16, 4, 7 } },
		{ 6, 2, { 32, 16 } },
		{ 7, 2, { 64, 67 } },
		{ 8, 2, { 0x81, 0x0f } },
	};
	uint8_t samples[8];
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(vrng_assess_unpack(packed, sizeof(packed),
						    cases[i].width, samples),
				 cases[i].count);
		assert_memory_equal(samples, cases[i].want, cases[i].count);
	}
}

/* Samples of two values, of whatever width, are the bits 0 and 1. */
static void two_values_are_assessed_as_bits(void **state)
{
	static struct vrng_assessment of_bits, of_bytes;
	uint8_t samples[5000];
	size_t i;

	(void)state;
	fill_samples(&sample_sets[4], samples, sizeof(samples));
	assert_int_equal(vrng_assess(samples, sizeof(samples), 1, 1, &of_bits),
			 0);
	for (i = 0; i < sizeof(samples); i++)
		samples[i] = samples[i] ? 0x91 : 0x33;
	assert_int_equal(vrng_assess(samples, sizeof(samples), 8, 1, &of_bytes),
			 0);
	assert_memory_equal(of_bits.original, of_bytes.original,
			    sizeof(of_bits.original));
	expect_near(of_bytes.entropy, of_bits.entropy, 0);
	for (i = 0; i < VRNG_ESTIMATORS; i++)
		assert_false(of_bytes.bits[i].done);
}

static void each_estimator_has_a_name_a_key_and_a_section(void **state)
{
	unsigned int i;
	char section[8];

	(void)state;
	for (i = 0; i < VRNG_ESTIMATORS; i++) {
		assert_non_null(vrng_estimator_name(i));
		assert_non_null(vrng_estimator_key(i));
		snprintf(section, sizeof(section), "6.3.%u", i + 1);
		assert_string_equal(vrng_estimator_section(i), section);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constant_samples_have_no_entropy),
		cmocka_unit_test(undefined_estimates_are_not_done),
		cmocka_unit_test(invalid_samples_are_refused),
		cmocka_unit_test(results_do_not_depend_on_threads),
		cmocka_unit_test(bits_are_unpacked_most_significant_first),
		cmocka_unit_test(samples_of_any_width_are_unpacked),
		cmocka_unit_test(two_values_are_assessed_as_bits),
		cmocka_unit_test(each_estimator_has_a_name_a_key_and_a_section),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("assess", tests, NULL, NULL);
}
