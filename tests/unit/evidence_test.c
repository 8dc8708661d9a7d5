// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests what the evidence adds to the tracks: autocorrelation and spectrum of
 * samples with a known period, and the health tests' cut-offs, rates and
 * failures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "rngd/tester/evidence/alarms.h"
#include "rngd/tester/evidence/series.h"
#include "tests/unit/estimate_data.h"

#define COUNT 51200

static uint8_t samples[COUNT];

static void fill_ideal(void)
{
	uint64_t seed = 21;
	size_t i;

	for (i = 0; i < COUNT; i++)
		samples[i] = random_bits(&seed, 8);
}

static void independent_samples_have_no_correlation(void **state)
{
	double lags[RNGTEST_LAGS];
	unsigned int i;

	(void)state;
	fill_ideal();
	rngtest_autocorrelation(samples, COUNT, lags);
	for (i = 0; i < RNGTEST_LAGS; i++)
		assert_true(fabs(lags[i]) < 5 / sqrt(COUNT));
}

static void a_period_shows_at_its_lag(void **state)
{
	double lags[RNGTEST_LAGS];
	unsigned int i;

	(void)state;
	for (i = 0; i < COUNT; i++)
		samples[i] = i % 10 < 5 ? 3 : 200;
	rngtest_autocorrelation(samples, COUNT, lags);
	assert_true(lags[10 - 1] > 0.999 && lags[20 - 1] > 0.999);
	assert_true(lags[5 - 1] < -0.999);
	memset(samples, 7, COUNT);
	rngtest_autocorrelation(samples, COUNT, lags);
	assert_true(lags[0] == 0);
	rngtest_autocorrelation(samples, 0, lags);
	assert_true(lags[0] == 0);
}

/* Band n has n + 1 periods in 512 samples. */
static void a_period_shows_in_its_band(void **state)
{
	double bands[RNGTEST_BANDS], sum = 0;
	unsigned int i;

	(void)state;
	for (i = 0; i < COUNT; i++)
		samples[i] = (uint8_t)lround(
			127 + 100 * sin(2 * M_PI * 37 * i / 512));
	assert_int_equal(rngtest_spectrum(samples, COUNT, bands), COUNT / 512);
	for (i = 0; i < RNGTEST_BANDS; i++)
		sum += bands[i];
	assert_true(fabs(sum - RNGTEST_BANDS) < 1e-6);
	assert_true(bands[37 - 1] > 0.99 * RNGTEST_BANDS);
}

static void independent_samples_have_a_flat_spectrum(void **state)
{
	double bands[RNGTEST_BANDS];
	unsigned int i;

	(void)state;
	fill_ideal();
	rngtest_spectrum(samples, COUNT, bands);
	for (i = 0; i < RNGTEST_BANDS - 1; i++)
		assert_true(fabs(bands[i] - 1) < 5 / sqrt(COUNT / 512.0));
	assert_int_equal(rngtest_spectrum(samples, 511, bands), 0);
	assert_true(bands[0] == 0);
}

static void cutoffs_keep_their_rates(void **state)
{
	struct rngtest_alarm alarm;
	unsigned int exponent;

	(void)state;
	fill_ideal();
	for (exponent = 20; exponent <= 40; exponent += 10) {
		assert_int_equal(rngtest_alarm_find(&alarm, samples, COUNT,
						    false, 6, exponent),
				 0);
		assert_int_equal(alarm.limits.window, 512);
		assert_true(alarm.rct_rate <= exp2(-(double)exponent) * 1.0001);
		assert_true(alarm.apt_rate <= exp2(-(double)exponent));
		assert_int_equal(alarm.failures, 0);
	}
	assert_int_equal(rngtest_alarm_find(&alarm, samples, COUNT, false,
					    1e-12, 30),
			 -EINVAL);
}

/* Of bits, one in each byte, windows have 1,024 samples. */
static void failures_on_the_samples_are_counted(void **state)
{
	struct rngtest_alarm alarm;
	unsigned int i;

	(void)state;
	fill_ideal();
	for (i = 0; i < COUNT; i++)
		samples[i] &= 1;
	assert_int_equal(
		rngtest_alarm_find(&alarm, samples, COUNT, true, 1, 30), 0);
	assert_int_equal(alarm.limits.window, 1024);
	assert_int_equal(alarm.limits.rct, 31);
	assert_int_equal(alarm.failures, 0);
	memset(samples + 5000, 1, 31);
	memset(samples + 20000, 0, 62);
	samples[4999] = samples[19999] = samples[5031] = samples[20062] = 0;
	samples[19999] = 1;
	samples[20062] = 1;
	assert_int_equal(
		rngtest_alarm_find(&alarm, samples, COUNT, true, 1, 30), 0);
	assert_int_equal(alarm.failures, 3);
}

static void driver_and_daemon_have_their_cutoffs(void **state)
{
	struct rngtest_alarm alarm;

	(void)state;
	fill_ideal();
	rngtest_alarm_default(&alarm, samples, COUNT);
	assert_int_equal(alarm.limits.rct, 31);
	assert_int_equal(alarm.limits.apt, 325);
	assert_int_equal(alarm.failures, 0);
	memset(samples + 100, 9, 31);
	samples[99] = samples[131] = 8;
	rngtest_alarm_default(&alarm, samples, COUNT);
	assert_int_equal(alarm.failures, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(independent_samples_have_no_correlation),
		cmocka_unit_test(a_period_shows_at_its_lag),
		cmocka_unit_test(a_period_shows_in_its_band),
		cmocka_unit_test(independent_samples_have_a_flat_spectrum),
		cmocka_unit_test(cutoffs_keep_their_rates),
		cmocka_unit_test(failures_on_the_samples_are_counted),
		cmocka_unit_test(driver_and_daemon_have_their_cutoffs),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
