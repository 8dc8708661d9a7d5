// SPDX-License-Identifier: GPL-2.0-or-later
/* The health tests against a sample-by-sample reading of SP 800-90B 4.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "vrng/health.h"

#define SEED 9020u

/* 4.4.1 and 4.4.2, step by step as they are written. */
struct plain {
	unsigned int b, a; /* RCT */
	unsigned int window_b, window_a, i; /* APT */
	int started;
};

static enum vrng_health_test plain_sample(struct plain *plain, unsigned int x)
{
	if (plain->started && x == plain->a) {
		if (++plain->b >= VRNG_RCT_CUTOFF)
			return VRNG_HEALTH_RCT;
	} else {
		plain->a = x;
		plain->b = 1;
		plain->started = 1;
	}
	return VRNG_HEALTH_NONE;
}

static enum vrng_health_test plain_window(struct plain *plain, unsigned int x)
{
	if (!plain->i) {
		plain->window_a = x;
		plain->window_b = 0;
	}
	plain->window_b += x == plain->window_a;
	plain->i = (plain->i + 1) % VRNG_APT_WINDOW;
	return plain->window_b >= VRNG_APT_CUTOFF ? VRNG_HEALTH_APT :
						    VRNG_HEALTH_NONE;
}

/* Does any of @len samples fail, and by which test? */
static enum vrng_health_test plain_pass(struct plain *plain,
					const uint8_t *data, size_t len)
{
	enum vrng_health_test rct = VRNG_HEALTH_NONE, apt = VRNG_HEALTH_NONE;
	size_t i;

	for (i = 0; i < len; i++) {
		if (rct == VRNG_HEALTH_NONE)
			rct = plain_sample(plain, data[i]);
		if (apt == VRNG_HEALTH_NONE)
			apt = plain_window(plain, data[i]);
	}
	if (rct != VRNG_HEALTH_NONE || apt != VRNG_HEALTH_NONE)
		memset(plain, 0, sizeof(*plain));
	return rct != VRNG_HEALTH_NONE ? rct : apt;
}

static uint32_t rand_u32(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

static void fill_random(uint8_t *data, size_t len, uint64_t *seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = (uint8_t)rand_u32(seed);
}

static void run_of_30_passes_and_of_31_fails_wherever_it_lies(void **state)
{
	struct vrng_health health;
	uint8_t data[128];
	size_t at, len;
	uint64_t seed = SEED;

	(void)state;
	for (at = 0; at + 31 <= sizeof(data); at++) {
		for (len = 30; len <= 31; len++) {
			memset(&health, 0, sizeof(health));
			fill_random(data, sizeof(data), &seed);
			memset(data + at, 0x5a, len);
			if (at)
				data[at - 1] = 1;
			if (at + len < sizeof(data))
				data[at + len] = 2;
			assert_int_equal(vrng_health_pass(&health, data,
							  sizeof(data)),
					 len == 30);
			assert_int_equal(health.failed,
					 len == 30 ? VRNG_HEALTH_NONE :
						     VRNG_HEALTH_RCT);
		}
	}
}

static void run_is_carried_from_one_call_to_the_next(void **state)
{
	struct vrng_health health = { 0 };
	uint8_t data[64];
	size_t i;

	(void)state;
	memset(data, 7, sizeof(data));
	for (i = 0; i < 30; i++)
		assert_true(vrng_health_pass(&health, data, 1));
	assert_false(vrng_health_pass(&health, data, 1));
}

/* A window whose first value comes @count times, never 31 in a row. */
static void fill_window(uint8_t *data, size_t count)
{
	size_t i, left = count;

	for (i = 0; i < VRNG_APT_WINDOW; i++) {
		if (left && (i % 29 != 28)) {
			data[i] = 0xaa;
			left--;
		} else {
			data[i] = (uint8_t)(i % 100);
		}
	}
}

static void window_of_324_passes_and_of_325_fails(void **state)
{
	struct vrng_health health = { 0 };
	uint8_t data[VRNG_APT_WINDOW];

	(void)state;
	fill_window(data, 324);
	assert_true(vrng_health_pass(&health, data, sizeof(data)));
	assert_int_equal(health.seen, 0);
	fill_window(data, 325);
	assert_false(vrng_health_pass(&health, data, sizeof(data)));
	assert_int_equal(health.failed, VRNG_HEALTH_APT);
}

static void window_counts_across_calls_of_any_length(void **state)
{
	struct vrng_health health;
	uint8_t data[VRNG_APT_WINDOW];
	size_t piece, at, len, count;
	int good;

	(void)state;
	for (count = 324; count <= 325; count++) {
		fill_window(data, count);
		for (piece = 1; piece < 100; piece++) {
			memset(&health, 0, sizeof(health));
			good = 1;
			for (at = 0; at < sizeof(data) && good; at += len) {
				len = sizeof(data) - at < piece ?
					      sizeof(data) - at :
					      piece;
				good = vrng_health_pass(&health, data + at,
							len);
			}
			assert_int_equal(good, count == 324);
		}
	}
}

static void bad_stream_is_taken_up_after_1024_good_samples(void **state)
{
	struct vrng_health health = { 0 };
	uint64_t seed = SEED;
	uint8_t data[64];
	int i;

	(void)state;
	memset(data, 0, sizeof(data));
	assert_false(vrng_health_pass(&health, data, sizeof(data)));
	assert_int_equal(health.episodes, 1);
	for (i = 0; i < 16; i++) {
		assert_true(health.bad);
		fill_random(data, sizeof(data), &seed);
		assert_false(vrng_health_pass(&health, data, sizeof(data)));
	}
	assert_false(health.bad);
	fill_random(data, sizeof(data), &seed);
	assert_true(vrng_health_pass(&health, data, sizeof(data)));
	assert_int_equal(health.episodes, 1);
}

static void failing_again_begins_the_count_anew(void **state)
{
	struct vrng_health health = { 0 };
	uint64_t seed = SEED;
	uint8_t zeros[64] = { 0 }, data[1000];

	(void)state;
	vrng_health_pass(&health, zeros, sizeof(zeros));
	fill_random(data, sizeof(data), &seed);
	vrng_health_pass(&health, data, sizeof(data));
	assert_int_equal(health.good, 1000);
	vrng_health_pass(&health, zeros, sizeof(zeros));
	assert_int_equal(health.good, 0);
	assert_int_equal(health.episodes, 1);
}

/* Samples with runs and favourites, so that both tests are near their limits. */
static void fill_lumpy(uint8_t *data, size_t len, uint64_t *seed)
{
	size_t i = 0, run;
	uint8_t value;

	while (i < len) {
		value = (uint8_t)(rand_u32(seed) % 3 ? 0x11 : rand_u32(seed));
		run = rand_u32(seed) % 4 ? 1 + rand_u32(seed) % 3 :
					   1 + rand_u32(seed) % 33;
		for (; run && i < len; run--)
			data[i++] = value;
	}
}

/* One value much too often, but never long in a row. */
static void fill_biased(uint8_t *data, size_t len, uint64_t *seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = i % 16 < 5 ? (uint8_t)rand_u32(seed) : 0x22;
}

static void verdicts_are_those_of_the_plain_reading(void **state)
{
	struct vrng_health health = { 0 };
	struct plain plain = { 0 };
	uint64_t seed = SEED;
	uint8_t data[1500];
	unsigned int verdicts[3] = { 0 };
	enum vrng_health_test want;
	int i;

	(void)state;
	print_message("# seed %u\n", SEED);
	for (i = 0; i < 100000; i++) {
		const size_t len = 1 + rand_u32(&seed) % sizeof(data);

		if (i % 8 == 0)
			fill_lumpy(data, len, &seed);
		else if (i % 8 < 4)
			fill_biased(data, len, &seed);
		else
			fill_random(data, len, &seed);
		want = plain_pass(&plain, data, len);
		verdicts[want]++;
		health.bad = false;
		health.failed = VRNG_HEALTH_NONE;
		assert_int_equal(vrng_health_pass(&health, data, len),
				 want == VRNG_HEALTH_NONE);
		assert_int_equal(health.failed, want);
	}
	print_message("# %u passed, %u RCT, %u APT\n", verdicts[0], verdicts[1],
		      verdicts[2]);
	assert_true(verdicts[0] > 1000 && verdicts[1] > 1000 &&
		    verdicts[2] > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			run_of_30_passes_and_of_31_fails_wherever_it_lies),
		cmocka_unit_test(run_is_carried_from_one_call_to_the_next),
		cmocka_unit_test(window_of_324_passes_and_of_325_fails),
		cmocka_unit_test(window_counts_across_calls_of_any_length),
		cmocka_unit_test(
			bad_stream_is_taken_up_after_1024_good_samples),
		cmocka_unit_test(failing_again_begins_the_count_anew),
		cmocka_unit_test(verdicts_are_those_of_the_plain_reading),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
