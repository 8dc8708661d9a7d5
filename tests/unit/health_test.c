// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests the health tests against sample-by-sample code of SP 800-90B, 4.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "vrng/health.h"

#define SEED 9020u

static const struct vrng_health_limits one_bit_a_byte = {
	.width = 8,
	.rct = VRNG_RCT_CUTOFF,
	.apt = VRNG_APT_CUTOFF,
	.window = VRNG_APT_WINDOW,
};

/* Sections 4.4.1 and 4.4.2, step by step as the standard has them. */
struct plain {
	const struct vrng_health_limits *limits;
	unsigned int b, a; /* RCT */
	unsigned int window_b, window_a, i; /* APT */
	int started;
};

static void plain_reset(struct plain *plain)
{
	*plain = (struct plain){ .limits = plain->limits };
}

static unsigned int plain_value(const struct plain *plain, const uint8_t *data,
				size_t at)
{
	if (plain->limits->width == 8)
		return data[at];
	return data[at / 8] >> (7 - at % 8) & 1;
}

static enum vrng_health_test plain_sample(struct plain *plain, unsigned int x)
{
	if (plain->started && x == plain->a) {
		if (++plain->b >= plain->limits->rct)
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
	plain->i = (plain->i + 1) % plain->limits->window;
	return plain->window_b >= plain->limits->apt ? VRNG_HEALTH_APT :
						       VRNG_HEALTH_NONE;
}

/* Returns the test that fails on @len samples, or VRNG_HEALTH_NONE. */
static enum vrng_health_test plain_pass(struct plain *plain,
					const uint8_t *data, size_t len)
{
	enum vrng_health_test rct = VRNG_HEALTH_NONE, apt = VRNG_HEALTH_NONE;
	unsigned int x;
	size_t i;

	for (i = 0; i < len; i++) {
		x = plain_value(plain, data, i);
		if (rct == VRNG_HEALTH_NONE)
			rct = plain_sample(plain, x);
		if (apt == VRNG_HEALTH_NONE)
			apt = plain_window(plain, x);
	}
	if (rct != VRNG_HEALTH_NONE || apt != VRNG_HEALTH_NONE)
		plain_reset(plain);
	return rct != VRNG_HEALTH_NONE ? rct : apt;
}

/* Returns the first of samples @at to @end - 1 that fails, or @end. */
static size_t plain_scan(struct plain *plain, const uint8_t *data, size_t at,
			 size_t end, enum vrng_health_test *failed)
{
	enum vrng_health_test rct, apt;

	*failed = VRNG_HEALTH_NONE;
	for (; at < end; at++) {
		rct = plain_sample(plain, plain_value(plain, data, at));
		apt = plain_window(plain, plain_value(plain, data, at));
		*failed = rct != VRNG_HEALTH_NONE ? rct : apt;
		if (*failed == VRNG_HEALTH_NONE)
			continue;
		plain_reset(plain);
		return at;
	}
	return end;
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

/* Make a window whose first value comes @count times, never 31 in a row. */
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

static void bad_stream_is_good_after_1024_good_samples(void **state)
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

static void another_failure_restarts_the_count(void **state)
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

/* Samples with runs and a frequent value: both tests get near their limits. */
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

/* Samples with one value much too often, but never long in a row. */
static void fill_biased(uint8_t *data, size_t len, uint64_t *seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = i % 16 < 5 ? (uint8_t)rand_u32(seed) : 0x22;
}

static void verdicts_equal_those_of_the_plain_code(void **state)
{
	struct vrng_health health = { 0 };
	struct plain plain = { .limits = &one_bit_a_byte };
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

/* ------------------------------------------------------------- cut-offs */

struct cutoff {
	unsigned int width;
	double h;
	double exponent;
	uint32_t rct;
	uint32_t apt;
};

static void expect_cutoffs(const struct cutoff *cutoff)
{
	struct vrng_health_limits limits;
	char is[64], should[64];

	assert_int_equal(vrng_health_limits_find(&limits, cutoff->width,
						 cutoff->h, cutoff->exponent),
			 0);
	assert_int_equal(limits.width, cutoff->width);
	assert_int_equal(limits.window, cutoff->width == 1 ? 1024 : 512);
	snprintf(is, sizeof(is), "H %g, alpha 2^-%g: %u/%u", cutoff->h,
		 cutoff->exponent, limits.rct, limits.apt);
	snprintf(should, sizeof(should), "H %g, alpha 2^-%g: %u/%u", cutoff->h,
		 cutoff->exponent, cutoff->rct, cutoff->apt);
	assert_string_equal(is, should);
}

static void expect_table(const struct cutoff *cutoffs, size_t count)
{
	for (; count; count--)
		expect_cutoffs(cutoffs++);
}

/* Computed with exact rational arithmetic, or with 80 decimal digits. */
static void cutoffs_are_those_of_exact_arithmetic(void **state)
{
	static const struct cutoff cutoffs[] = {
		{ 8, 8, 30, 5, 16 },	 { 8, 4, 30, 9, 71 },
		{ 8, 1, 30, 31, 325 },	 { 8, 0.5, 30, 61, 422 },
		{ 8, 0.3, 20, 68, 456 }, { 8, 0.7, 21, 31, 369 },
		{ 8, 1.5, 30, 21, 248 }, { 8, 3, 40, 15, 123 },
		{ 8, 7.3, 30, 6, 20 },	 { 8, 0.02, 30, 1501, 513 },
		{ 1, 1, 30, 31, 609 },	 { 1, 0.5, 30, 61, 810 },
		{ 1, 0.9, 40, 46, 661 }, { 1, 0.1, 20, 201, 991 },
	};

	(void)state;
	expect_table(cutoffs, sizeof(cutoffs) / sizeof(cutoffs[0]));
}

/* Section 4.4.2 lists these for alpha = 2^-20. */
static void cutoffs_are_those_that_the_standard_shows(void **state)
{
	static const struct cutoff cutoffs[] = {
		{ 1, 0.2, 20, 101, 941 }, { 1, 0.4, 20, 51, 840 },
		{ 1, 0.6, 20, 35, 748 },  { 1, 0.8, 20, 26, 664 },
		{ 1, 1, 20, 21, 589 },	  { 8, 0.5, 20, 41, 410 },
		{ 8, 1, 20, 21, 311 },	  { 8, 2, 20, 11, 177 },
		{ 8, 4, 20, 6, 62 },	  { 8, 8, 20, 4, 13 },
	};

	(void)state;
	expect_table(cutoffs, sizeof(cutoffs) / sizeof(cutoffs[0]));
}

/*
 * The kernel's crypto/jitterentropy.c has H = 1/osr. Its table for 2^-60 is
 * limited to 512. Its table for 2^-30 has 459 and 488 for an osr of 3 and 5.
 * The lower values 458 and 487 are right: their tails are 0.980 and 0.943 times
 * 2^-30.
 */
static void cutoffs_are_those_of_the_kernels_jitterentropy(void **state)
{
	static const uint32_t at_30[] = { 325, 422, 458, 477, 487,
					  494, 499, 502, 505, 507,
					  508, 509, 510, 511, 512 };
	static const uint32_t at_60[] = {
		355, 447, 479, 494, 502, 507, 510, 512
	};
	struct cutoff cutoff = { .width = 8 };
	uint32_t osr;

	(void)state;
	for (osr = 1; osr <= 15; osr++) {
		cutoff.h = 1.0 / osr;
		cutoff.exponent = 30;
		cutoff.rct = 30 * osr + 1;
		cutoff.apt = at_30[osr - 1];
		expect_cutoffs(&cutoff);
		if (osr > 8)
			continue;
		cutoff.exponent = 60;
		cutoff.rct = 60 * osr + 1;
		cutoff.apt = at_60[osr - 1];
		expect_cutoffs(&cutoff);
	}
}

/*
 * P(@c or more of @n samples have a value of probability @p), computed sample
 * by sample.
 */
static double tail_of(unsigned int n, unsigned int c, double p)
{
	static double at[1026];
	double tail = 0;
	unsigned int i, k;

	memset(at, 0, sizeof(at));
	at[0] = 1;
	for (i = 0; i < n; i++) {
		for (k = i + 1; k; k--)
			at[k] = at[k] * (1 - p) + at[k - 1] * p;
		at[0] *= 1 - p;
	}
	for (k = n + 1; k-- > c;)
		tail += at[k];
	return tail;
}

static void cutoffs_are_the_lowest_that_keep_to_alpha(void **state)
{
	struct vrng_health_limits limits;
	unsigned int width, step;
	double h, alpha;

	(void)state;
	for (width = 1; width <= 8; width += 7) {
		for (step = 1; step <= 16; step++) {
			h = width * step / 16.0;
			alpha = exp2(-20 - (int)step);
			assert_int_equal(vrng_health_limits_find(&limits, width,
								 h, 20 + step),
					 0);
			assert_true(tail_of(limits.window, limits.apt,
					    exp2(-h)) <= alpha);
			assert_true(tail_of(limits.window, limits.apt - 1,
					    exp2(-h)) > alpha);
			assert_true(exp2(-h * (limits.rct - 1)) <= alpha);
			assert_true(exp2(-h * (limits.rct - 2)) > alpha);
		}
	}
}

static void invalid_parameters_have_no_cutoffs(void **state)
{
	static const struct cutoff nonsense[] = {
		{ 8, 0, 30, 0, 0 },	     { 8, -1, 30, 0, 0 },
		{ 8, 8.1, 30, 0, 0 },	     { 1, 1.1, 30, 0, 0 },
		{ 4, 1, 30, 0, 0 },	     { 0, 0, 30, 0, 0 },
		{ 8, 1, 0.5, 0, 0 },	     { 8, 1, 65, 0, 0 },
		{ 8, 1e-9, 30, 0, 0 },	     { 8, (double)NAN, 30, 0, 0 },
		{ 8, 1, (double)NAN, 0, 0 }, { 8, (double)INFINITY, 30, 0, 0 },
	};
	struct vrng_health_limits limits;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++)
		assert_int_equal(vrng_health_limits_find(
					 &limits, nonsense[i].width,
					 nonsense[i].h, nonsense[i].exponent),
				 -EINVAL);
}

/* ------------------------------------------------- any limits, any pieces */

#define STREAM 6000 /* samples */

static void put(uint8_t *data, const struct vrng_health_limits *limits,
		size_t at, unsigned int value)
{
	const uint8_t mask = (uint8_t)(0x80 >> at % 8);

	if (limits->width == 8)
		data[at] = (uint8_t)value;
	else if (value & 1)
		data[at / 8] |= mask;
	else
		data[at / 8] &= (uint8_t)~mask;
}

/*
 * Fill STREAM samples with stretches of four kinds: random samples, one value
 * about as often as the limit allows, one value more often, and runs about as
 * long as the limit allows.
 */
static void fill_near(uint8_t *data, const struct vrng_health_limits *limits,
		      uint64_t *seed)
{
	const uint32_t limit = 1000 * limits->apt / limits->window;
	const uint32_t more =
		limit < 150 ? 3 * limit : limit + (1000 - limit) / 8;
	const uint32_t shares[] = { 0, limit, more, 1000 }; /* thousandths */
	uint32_t mood, value, left;
	size_t at = 0;

	while (at < STREAM) {
		mood = rand_u32(seed) % 4;
		value = rand_u32(seed);
		left = mood == 3 ? limits->rct - 2 + rand_u32(seed) % 4 :
				   rand_u32(seed) % (2 * limits->window);
		for (; left && at < STREAM; left--, at++)
			put(data, limits, at,
			    rand_u32(seed) % 1000 < shares[mood] ?
				    value :
				    rand_u32(seed));
	}
}

/* Scan the stream in random pieces; failures must be where plain has them. */
static void check_pieces(const struct vrng_health_limits *limits,
			 const uint8_t *data, uint64_t *seed,
			 unsigned int *verdicts)
{
	struct plain plain = { .limits = limits };
	struct vrng_health health = { 0 };
	enum vrng_health_test want;
	size_t at = 0, end, fails, is, piece;

	while (at < STREAM) {
		fails = plain_scan(&plain, data, at, STREAM, &want);
		verdicts[want]++;
		for (is = at; is < STREAM; is = end) {
			piece = rand_u32(seed) % 2 ? 1 + rand_u32(seed) % 90 :
						     1 + rand_u32(seed) % 3000;
			end = piece < STREAM - is ? is + piece : STREAM;
			health.failed = VRNG_HEALTH_NONE;
			is = vrng_health_scan(&health, limits, data, is, end);
			if (health.failed != VRNG_HEALTH_NONE)
				break;
			assert_int_equal(is, end);
		}
		assert_int_equal(is, fails);
		assert_int_equal(health.failed, want);
		at = fails + 1;
	}
}

static const struct cutoff settings[] = {
	{ 8, 8, 30, 0, 0 },   { 8, 8, 10, 0, 0 },   { 8, 8, 12, 0, 0 },
	{ 8, 4, 30, 0, 0 },   { 8, 2, 20, 0, 0 },   { 8, 1, 30, 0, 0 },
	{ 8, 0.5, 30, 0, 0 }, { 8, 0.1, 30, 0, 0 }, { 8, 0.02, 30, 0, 0 },
	{ 1, 1, 30, 0, 0 },   { 1, 1, 2, 0, 0 },    { 1, 1, 8, 0, 0 },
	{ 1, 0.5, 30, 0, 0 }, { 1, 0.3, 20, 0, 0 }, { 1, 0.1, 40, 0, 0 },
};

static void pieces_of_any_length_fail_at_the_same_sample(void **state)
{
	struct vrng_health_limits limits;
	unsigned int verdicts[3], round;
	uint8_t data[STREAM];
	uint64_t seed = SEED;
	size_t i;

	(void)state;
	print_message("# seed %u\n", SEED);
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		memset(verdicts, 0, sizeof(verdicts));
		assert_int_equal(vrng_health_limits_find(
					 &limits, settings[i].width,
					 settings[i].h, settings[i].exponent),
				 0);
		for (round = 0; round < 150; round++) {
			fill_near(data, &limits, &seed);
			check_pieces(&limits, data, &seed, verdicts);
		}
		print_message("# %u bits, H %g: RCT %u failed %u times, "
			      "APT %u %u times\n",
			      limits.width, settings[i].h, limits.rct,
			      verdicts[VRNG_HEALTH_RCT], limits.apt,
			      verdicts[VRNG_HEALTH_APT]);
		/* Where runs fail often, few windows are ever full. */
		assert_true(verdicts[VRNG_HEALTH_RCT] > 20);
		assert_true(verdicts[VRNG_HEALTH_APT] > 20 ||
			    limits.apt > limits.window ||
			    verdicts[VRNG_HEALTH_RCT] > 2000);
	}
}

static void a_sample_that_fails_both_tests_is_called_a_repetition(void **state)
{
	const struct vrng_health_limits limits = { 8, 5, 5, 512 };
	static const uint8_t zeros[VRNG_HEALTH_PIECE];
	struct vrng_health health = { 0 };

	(void)state;
	assert_int_equal(vrng_health_scan(&health, &limits, zeros, 0, 16), 4);
	assert_int_equal(health.failed, VRNG_HEALTH_RCT);
}

static void blocks_of_any_limits_pass_as_in_the_plain_code(void **state)
{
	struct vrng_health_limits limits;
	enum vrng_health_test want;
	uint8_t data[STREAM];
	uint64_t seed = SEED;
	unsigned int round;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct vrng_health health = { 0 };
		struct plain plain = { .limits = &limits };

		vrng_health_limits_find(&limits, settings[i].width,
					settings[i].h, settings[i].exponent);
		for (round = 0; round < 200; round++) {
			fill_near(data, &limits, &seed);
			len = 1 + rand_u32(&seed) % STREAM;
			want = plain_pass(&plain, data, len);
			health.bad = false;
			health.failed = VRNG_HEALTH_NONE;
			assert_int_equal(vrng_health_pass_limits(
						 &health, &limits, data, len),
					 want == VRNG_HEALTH_NONE);
			assert_int_equal(health.failed, want);
		}
	}
}

static void start_up_takes_1024_samples_and_is_no_episode(void **state)
{
	struct vrng_health health;
	uint64_t seed = SEED;
	uint8_t data[128];
	int i;

	(void)state;
	vrng_health_start(&health);
	for (i = 0; i < 8; i++) {
		assert_true(health.bad);
		fill_random(data, sizeof(data), &seed);
		assert_false(vrng_health_pass(&health, data, sizeof(data)));
	}
	assert_false(health.bad);
	assert_int_equal(health.episodes, 0);
	assert_true(vrng_health_pass(&health, data, sizeof(data)));
	/* 1,024 samples of 1 bit are 128 bytes. */
	vrng_health_start(&health);
	assert_false(vrng_health_pass_limits(
		&health, &(struct vrng_health_limits){ 1, 31, 609, 1024 }, data,
		1024));
	assert_false(health.bad);
}

/* ----------------------------------------------------------- false alarms */

/*
 * Alpha is defined for a source of k = 2^H equally likely values. A run of C
 * comes once in (k^C - 1) / (k - 1) samples on average. The first sample of a
 * window counts, so C - 1 of the other W - 1 make the window fail.
 */
static double rct_rate(const struct vrng_health_limits *limits, double k)
{
	return (k - 1) / (pow(k, limits->rct) - 1);
}

static double apt_rate(const struct vrng_health_limits *limits, double k)
{
	return tail_of(limits->window - 1, limits->apt - 1, 1 / k);
}

/*
 * The rate of samples that end a failing run is at most alpha. Windows may fail
 * up to C / (W 2^-H) times as often, because critbinom(), by which the standard
 * defines the cut-off, treats the first sample like any other.
 */
static void false_alarms_are_as_rare_as_the_cutoffs_make_them(void **state)
{
	static const double hs[] = { 1, 2, 3, 4, 8 };
	struct vrng_health_limits limits;
	double alpha = exp2(-30), k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hs) / sizeof(hs[0]); i++) {
		assert_int_equal(vrng_health_limits_find(&limits, 8, hs[i], 30),
				 0);
		k = exp2(hs[i]);
		print_message("# H %g: RCT %.2f x 2^-30 a sample, "
			      "APT %.2f x 2^-30 a window\n",
			      hs[i], rct_rate(&limits, k) / alpha,
			      apt_rate(&limits, k) / alpha);
		assert_true(rct_rate(&limits, k) <= alpha);
		assert_true(apt_rate(&limits, k) <=
			    alpha * (limits.apt + 1) /
				    (limits.window * exp2(-hs[i])));
	}
}

/* xorshift64*: its low bits are as good as the others. */
static uint64_t rand_u64(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

#define CHUNK 65536

static void fill_ideal(uint8_t *data, unsigned int h, uint64_t *seed)
{
	uint64_t word;
	size_t i, j;

	for (i = 0; i < CHUNK; i += 8) {
		word = rand_u64(seed);
		for (j = 0; j < 8; j++)
			data[i + j] = (uint8_t)(word >> 8 * j) >> (8 - h);
	}
}

/* Returns the number of failures in @chunks of ideal samples of @h bits. */
static uint64_t alarms(const struct vrng_health_limits *limits, unsigned int h,
		       unsigned int chunks, uint64_t *seed)
{
	static uint8_t data[CHUNK];
	struct vrng_health health = { 0 };
	uint64_t n = 0;
	size_t at;

	while (chunks--) {
		fill_ideal(data, h, seed);
		for (at = 0; at < CHUNK; at++) {
			at = vrng_health_scan(&health, limits, data, at, CHUNK);
			n += at < CHUNK;
		}
	}
	return n;
}

/*
 * Run each test alone, with the other one's limit out of reach. The failures
 * must be within five standard deviations of the expected number. The seed is
 * constant, so the result is too.
 */
static void check_alarms(unsigned int h, double exponent, unsigned int chunks)
{
	struct vrng_health_limits limits, only;
	const double samples = (double)chunks * CHUNK, k = exp2(h);
	uint64_t seed = SEED + h;
	double expected, n;

	vrng_health_limits_find(&limits, 8, h, exponent);
	only = limits;
	only.apt = limits.window + 1;
	expected = samples * rct_rate(&limits, k);
	n = (double)alarms(&only, h, chunks, &seed);
	print_message("# H %u, alpha 2^-%g: RCT %u failed %.0f times, "
		      "expected %.1f\n",
		      h, exponent, limits.rct, n, expected);
	assert_true(fabs(n - expected) <= 5 * sqrt(expected));

	only = limits;
	only.rct = 1u << 31;
	/* A window ends when it fails, so there are up to 1 % more windows. */
	expected = samples / limits.window * apt_rate(&limits, k);
	n = (double)alarms(&only, h, chunks, &seed);
	print_message("# H %u, alpha 2^-%g: APT %u failed %.0f times, "
		      "expected %.1f\n",
		      h, exponent, limits.apt, n, expected);
	assert_true(fabs(n - expected) <= 5 * sqrt(expected) + 0.01 * expected);
}

/* With VRNG_LONG set, 2^32 samples of each kind. */
static void false_alarms_come_as_often_as_computed(void **state)
{
	const bool is_long = getenv("VRNG_LONG");

	(void)state;
	check_alarms(1, 10, is_long ? 1u << 16 : 1u << 8);
	check_alarms(4, 10, is_long ? 1u << 16 : 1u << 8);
	check_alarms(8, 12, is_long ? 1u << 16 : 1u << 9);
	if (is_long)
		check_alarms(1, 20, 1u << 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			run_of_30_passes_and_of_31_fails_wherever_it_lies),
		cmocka_unit_test(run_is_carried_from_one_call_to_the_next),
		cmocka_unit_test(window_of_324_passes_and_of_325_fails),
		cmocka_unit_test(window_counts_across_calls_of_any_length),
		cmocka_unit_test(bad_stream_is_good_after_1024_good_samples),
		cmocka_unit_test(another_failure_restarts_the_count),
		cmocka_unit_test(verdicts_equal_those_of_the_plain_code),
		cmocka_unit_test(cutoffs_are_those_of_exact_arithmetic),
		cmocka_unit_test(cutoffs_are_those_that_the_standard_shows),
		cmocka_unit_test(
			cutoffs_are_those_of_the_kernels_jitterentropy),
		cmocka_unit_test(cutoffs_are_the_lowest_that_keep_to_alpha),
		cmocka_unit_test(invalid_parameters_have_no_cutoffs),
		cmocka_unit_test(pieces_of_any_length_fail_at_the_same_sample),
		cmocka_unit_test(
			a_sample_that_fails_both_tests_is_called_a_repetition),
		cmocka_unit_test(
			blocks_of_any_limits_pass_as_in_the_plain_code),
		cmocka_unit_test(start_up_takes_1024_samples_and_is_no_episode),
		cmocka_unit_test(
			false_alarms_are_as_rare_as_the_cutoffs_make_them),
		cmocka_unit_test(false_alarms_come_as_often_as_computed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
