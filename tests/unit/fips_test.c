// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the FIPS 140-2 tests: each threshold from both sides, on statistics and
 * on blocks made to hit it, and all statistics against a reference that reads
 * bit by bit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "tests/unit/bits.h"
#include "vrng/fips.h"

#define BYTES	VRNG_FIPS_BLOCK_BYTES
#define BITS	VRNG_FIPS_BLOCK_BITS
#define LENGTHS VRNG_FIPS_RUN_LENGTHS

#define MONOBIT	   VRNG_FIPS_BIT(VRNG_FIPS_MONOBIT)
#define POKER	   VRNG_FIPS_BIT(VRNG_FIPS_POKER)
#define RUNS	   VRNG_FIPS_BIT(VRNG_FIPS_RUNS)
#define LONG	   VRNG_FIPS_BIT(VRNG_FIPS_LONG)
#define CONTINUOUS VRNG_FIPS_BIT(VRNG_FIPS_CONTINUOUS)

/* The standard's table of runs, copied from the standard independently. */
static const uint32_t lowest[LENGTHS] = { 2315, 1114, 527, 240, 103, 103 };
static const uint32_t highest[LENGTHS] = { 2685, 1386, 723, 384, 209, 209 };

/* -------------------------------------------------------- blocks to order */

static void fill_random(uint8_t *block, uint64_t seed)
{
	uint64_t state = seed;
	size_t i;

	for (i = 0; i < BYTES; i++)
		block[i] = (uint8_t)(next_random(&state) >> 56);
}

/* Check @block with each usable engine; all must give the same result. */
static unsigned int check(const uint8_t *block, struct vrng_fips_result *result)
{
	static const uint8_t first[VRNG_FIPS_WORD_BYTES] = { 1, 2, 3, 4 };
	const struct vrng_fips_engine *engine;
	struct vrng_fips_result other;
	struct vrng_fips fips;
	size_t n;

	vrng_fips_init(&fips, first);
	vrng_fips_check(&fips, block, result);
	for (n = 0; (engine = vrng_fips_engine(n)); n++) {
		if (!engine->usable())
			continue;
		vrng_fips_init_with(&fips, first, engine);
		vrng_fips_check(&fips, block, &other);
		assert_memory_equal(&other, result, sizeof(other));
	}
	return result->failed;
}

/* -------------------------------------------------------------- reference */

/* Store each bit as a byte. The reference shares no code with the engines. */
static void spread(const uint8_t *block, uint8_t *bits)
{
	size_t i;
	int j;

	for (i = 0; i < BYTES; i++)
		for (j = 128; j; j /= 2)
			*bits++ = (block[i] & j) != 0;
}

static void reference_runs(const uint8_t *bits, struct vrng_fips_stats *want)
{
	size_t start = 0;
	size_t n;

	for (n = 1; n <= BITS; n++) {
		uint32_t length = (uint32_t)(n - start);

		if (n < BITS && bits[n] == bits[start])
			continue;
		if (length > want->longest)
			want->longest = length;
		if (length > LENGTHS)
			length = LENGTHS;
		want->runs[bits[start]][length - 1]++;
		start = n;
	}
}

static void reference_poker(const uint8_t *bits, struct vrng_fips_stats *want)
{
	uint32_t value, n;

	for (value = 0; value < 16; value++) {
		uint32_t f = 0;

		for (n = 0; n < BITS; n += 4)
			f += (uint32_t)(bits[n] * 8 + bits[n + 1] * 4 +
					bits[n + 2] * 2 + bits[n + 3]) == value;
		want->nibbles[value] = f;
		want->poker += f * f;
	}
}

static void reference(const uint8_t *block, const uint8_t *before,
		      struct vrng_fips_stats *want)
{
	static uint8_t bits[32 + BITS];
	uint8_t word[8 * VRNG_FIPS_WORD_BYTES];
	size_t n, k;

	memset(want, 0, sizeof(*want));
	spread(block, bits + 32);
	for (n = 0; n < 32; n++)
		word[n] = before[n / 8] >> (7 - n % 8) & 1;
	memcpy(bits, word, sizeof(word));

	for (n = 0; n < BITS; n++)
		want->ones += bits[32 + n];
	reference_poker(bits + 32, want);
	reference_runs(bits + 32, want);
	for (n = 0; n < BITS; n += 32) {
		for (k = 0; k < 32 && bits[n + k] == bits[n + 32 + k]; k++)
			;
		want->repeats += k == 32;
	}
}

static unsigned int reference_verdict(const struct vrng_fips_stats *s)
{
	bool runs_bad = false;
	size_t i;

	for (i = 0; i < LENGTHS; i++)
		runs_bad |= s->runs[0][i] < lowest[i] ||
			    s->runs[0][i] > highest[i] ||
			    s->runs[1][i] < lowest[i] ||
			    s->runs[1][i] > highest[i];
	return (s->ones <= 9725 || s->ones >= 10275 ? MONOBIT : 0) |
	       (s->poker < 1563176 || s->poker > 1576928 ? POKER : 0) |
	       (runs_bad ? RUNS : 0) | (s->longest > 25 ? LONG : 0) |
	       (s->repeats ? CONTINUOUS : 0);
}

static void assert_stats(const struct vrng_fips_stats *got,
			 const struct vrng_fips_stats *want)
{
	size_t i;

	assert_int_equal(got->ones, want->ones);
	assert_int_equal(got->poker, want->poker);
	for (i = 0; i < LENGTHS; i++) {
		assert_int_equal(got->runs[0][i], want->runs[0][i]);
		assert_int_equal(got->runs[1][i], want->runs[1][i]);
	}
	assert_int_equal(got->longest, want->longest);
	assert_int_equal(got->repeats, want->repeats);
	assert_memory_equal(got->nibbles, want->nibbles, sizeof(got->nibbles));
}

/* Make block @n of a stream. The number chooses how the block is damaged. */
static void make_block(uint8_t *block, uint64_t n)
{
	uint64_t state = n + 1;
	size_t from, len;

	fill_random(block, n + 1);
	from = (size_t)(next_random(&state) % BYTES);
	len = (size_t)(next_random(&state) % (BYTES - from));
	if (n % 8 == 1)
		memset(block + from, n & 16 ? 0xff : 0, len % 64);
	if (n % 8 == 2)
		for (; from < BYTES; from += 50)
			block[from] &= (uint8_t)next_random(&state);
	if (n % 8 == 3)
		memmove(block, block + from, len);
	if (n % 8 == 4)
		memcpy(block + (from & ~3UL) % 2400 + 4,
		       block + (from & ~3UL) % 2400, 4);
	if (n == 5 || n == 13)
		memset(block, n == 5 ? 0 : 0xff, BYTES);
	if (n == 21)
		memset(block, 0x55, BYTES);
}

static void assert_engine(const struct vrng_fips_engine *engine)
{
	uint8_t block[BYTES];
	uint8_t last[VRNG_FIPS_WORD_BYTES] = { 0 };
	struct vrng_fips_result result;
	struct vrng_fips_stats want;
	struct vrng_fips fips;
	uint64_t n;

	vrng_fips_init_with(&fips, last, engine);
	for (n = 0; n < 2000; n++) {
		make_block(block, n);
		if (n % 16 == 6)
			memcpy(block, last, sizeof(last));
		reference(block, last, &want);
		assert_int_equal(vrng_fips_check(&fips, block, &result),
				 reference_verdict(&want));
		assert_stats(&result.stats, &want);
		memcpy(last, block + BYTES - sizeof(last), sizeof(last));
	}
}

static void all_statistics_equal_the_reference(void **unused)
{
	const struct vrng_fips_engine *engine;
	size_t n;

	(void)unused;
	for (n = 0; (engine = vrng_fips_engine(n)); n++)
		if (engine->usable())
			assert_engine(engine);
}

static void the_best_engine_is_the_first_that_is_usable(void **unused)
{
	const struct vrng_fips_engine *engine;
	size_t n = 0;

	(void)unused;
	do
		engine = vrng_fips_engine(n++);
	while (!engine->usable());
	assert_ptr_equal(vrng_fips_best_engine(), engine);
}

/* --------------------------------------------------------------- verdicts */

static const struct vrng_fips_stats good = {
	.ones = 10000,
	.poker = 1570000,
	.runs = { { 2500, 1250, 625, 312, 156, 156 },
		  { 2500, 1250, 625, 312, 156, 156 } },
	.longest = 14,
};

static void good_statistics_pass(void **unused)
{
	(void)unused;
	assert_int_equal(vrng_fips_judge(&good), 0);
}

static void monobit_bounds_are_exclusive(void **unused)
{
	static const struct {
		uint32_t ones;
		unsigned int failed;
	} table[] = { { 0, MONOBIT },	  { 9724, MONOBIT }, { 9725, MONOBIT },
		      { 9726, 0 },	  { 10274, 0 },	     { 10275, MONOBIT },
		      { 10276, MONOBIT }, { 20000, MONOBIT } };
	struct vrng_fips_stats stats = good;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		stats.ones = table[i].ones;
		assert_int_equal(vrng_fips_judge(&stats), table[i].failed);
	}
}

static void poker_bounds_are_inclusive(void **unused)
{
	static const struct {
		uint32_t sum;
		unsigned int failed;
	} table[] = { { 1562500, POKER }, { 1563175, POKER },
		      { 1563176, 0 },	  { 1576928, 0 },
		      { 1576929, POKER }, { 25000000, POKER } };
	struct vrng_fips_stats stats = good;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		stats.poker = table[i].sum;
		assert_int_equal(vrng_fips_judge(&stats), table[i].failed);
	}
}

static void each_run_bound_is_inclusive_for_zeros_and_ones(void **unused)
{
	unsigned int bit;
	size_t i;

	(void)unused;
	for (bit = 0; bit < 2; bit++) {
		for (i = 0; i < LENGTHS; i++) {
			struct vrng_fips_stats stats = good;
			uint32_t *runs = &stats.runs[bit][i];

			*runs = lowest[i];
			assert_int_equal(vrng_fips_judge(&stats), 0);
			*runs = highest[i];
			assert_int_equal(vrng_fips_judge(&stats), 0);
			*runs = lowest[i] - 1;
			assert_int_equal(vrng_fips_judge(&stats), RUNS);
			*runs = highest[i] + 1;
			assert_int_equal(vrng_fips_judge(&stats), RUNS);
		}
	}
}

static void a_run_of_26_is_long_and_one_repeat_is_too_many(void **unused)
{
	struct vrng_fips_stats stats = good;

	(void)unused;
	stats.longest = 25;
	assert_int_equal(vrng_fips_judge(&stats), 0);
	stats.longest = 26;
	assert_int_equal(vrng_fips_judge(&stats), LONG);
	stats.longest = 25;
	stats.repeats = 1;
	assert_int_equal(vrng_fips_judge(&stats), CONTINUOUS);
}

/* ------------------------------------------------ blocks at the thresholds */

static void a_block_with_so_many_ones_is_judged_by_monobit(void **unused)
{
	static const uint32_t ones[] = { 9725, 9726, 10274, 10275 };
	uint8_t block[BYTES];
	struct vrng_fips_result result;
	size_t i, n;

	(void)unused;
	for (i = 0; i < 4; i++) {
		memset(block, 0, sizeof(block));
		/* 7 is coprime to 20,000, so no place is set twice. */
		for (n = 0; n < ones[i]; n++)
			set_bit(block, n * 7 % BITS, 1);
		check(block, &result);
		assert_int_equal(result.stats.ones, ones[i]);
		assert_int_equal(result.failed & MONOBIT,
				 i == 0 || i == 3 ? MONOBIT : 0);
	}
}

/* The sum is even for every block, because it has the parity of 5,000. */
static void a_block_with_such_nibbles_is_judged_by_poker(void **unused)
{
	static const struct {
		uint32_t sum;
		unsigned int failed;
		uint16_t f[16];
	} table[] = {
		{ 1563174,
		  POKER,
		  { 306, 318, 311, 308, 304, 306, 334, 312, 313, 313, 312, 313,
		    313, 312, 312, 313 } },
		{ 1563176,
		  0,
		  { 320, 320, 320, 309, 320, 305, 293, 312, 312, 312, 313, 313,
		    313, 312, 313, 313 } },
		{ 1576928,
		  0,
		  { 279, 344, 343, 341, 343, 324, 215, 312, 313, 312, 313, 312,
		    313, 312, 312, 312 } },
		{ 1576930,
		  POKER,
		  { 310, 334, 329, 328, 336, 346, 204, 312, 312, 313, 313, 313,
		    313, 313, 312, 312 } },
	};
	uint8_t block[BYTES];
	struct vrng_fips_result result;
	size_t i, n, value, k;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		memset(block, 0, sizeof(block));
		for (n = 0, value = 0; value < 16; value++)
			for (k = 0; k < table[i].f[value]; k++, n++)
				block[n / 2] |=
					(uint8_t)(n % 2 ? value : value << 4);
		assert_int_equal(n, 5000);
		check(block, &result);
		assert_int_equal(result.stats.poker, table[i].sum);
		assert_int_equal(result.failed & POKER, table[i].failed);
	}
}

/*
 * Set bin @i of @runs to @n, and change the others within their bounds so that
 * the number of runs stays the same: runs of zeros and of ones alternate.
 */
static void set_bin(uint32_t runs[LENGTHS], size_t i, uint32_t n)
{
	int left = (int)runs[i] - (int)n;
	size_t j;

	runs[i] = n;
	for (j = 0; left && j < LENGTHS; j++) {
		int room = left > 0 ? (int)(highest[j] - runs[j]) :
				      (int)lowest[j] - (int)runs[j];
		bool all = left > 0 ? room > left : room < left;

		if (j == i)
			continue;
		room = all ? left : room;
		runs[j] = (uint32_t)((int)runs[j] + room);
		left -= room;
	}
	assert_int_equal(left, 0);
}

/* The bits in the runs of one value, with those of 6 and more counted as 6. */
static uint32_t least_bits(const uint32_t runs[LENGTHS])
{
	uint32_t bits = 0;
	uint32_t i;

	for (i = 0; i < LENGTHS; i++)
		bits += (i + 1) * runs[i];
	return bits;
}

/*
 * Take a run off @runs, which are still to be laid, and return its length. The
 * runs of the last bin divide @spare extra bits among them.
 */
static uint32_t take_run(uint32_t runs[LENGTHS], uint32_t *spare)
{
	uint32_t i = 0;
	uint32_t more;

	while (!runs[i])
		i++;
	runs[i]--;
	if (i < LENGTHS - 1)
		return i + 1;
	more = *spare / (runs[i] + 1);
	*spare -= more;
	return LENGTHS + more;
}

/* A block with exactly these runs. */
static void lay_runs(uint8_t *block, uint32_t runs[2][LENGTHS])
{
	const uint32_t bits[2] = { least_bits(runs[0]), least_bits(runs[1]) };
	uint32_t spare[2];
	uint32_t n = 0;
	uint32_t length;
	unsigned int bit = 0;

	assert_true(bits[0] + bits[1] <= BITS);
	spare[0] = (BITS - bits[0] - bits[1]) / 2;
	spare[1] = BITS - bits[0] - bits[1] - spare[0];
	while (n < BITS) {
		length = take_run(runs[bit], &spare[bit]);
		for (; length; length--)
			set_bit(block, n++, bit);
		bit ^= 1;
	}
	assert_int_equal(n, BITS);
}

static void check_bin(unsigned int bit, size_t i, uint32_t n,
		      unsigned int failed)
{
	uint32_t runs[2][LENGTHS];
	struct vrng_fips_stats want;
	struct vrng_fips_result result;
	uint8_t block[BYTES];

	memcpy(want.runs, good.runs, sizeof(want.runs));
	memset(block, 0, sizeof(block));
	set_bin(want.runs[bit], i, n);
	memcpy(runs, want.runs, sizeof(runs));
	lay_runs(block, runs);
	check(block, &result);
	assert_int_equal(result.stats.runs[bit][i], n);
	assert_memory_equal(result.stats.runs, want.runs, sizeof(want.runs));
	assert_int_equal(result.failed & (RUNS | LONG), failed);
}

static void a_block_with_such_runs_is_judged_by_runs(void **unused)
{
	unsigned int bit;
	size_t i;

	(void)unused;
	for (bit = 0; bit < 2; bit++) {
		for (i = 0; i < LENGTHS; i++) {
			check_bin(bit, i, lowest[i] - 1, RUNS);
			check_bin(bit, i, lowest[i], 0);
			check_bin(bit, i, highest[i], 0);
			check_bin(bit, i, highest[i] + 1, RUNS);
		}
	}
}

/* Check a random block with a run of exactly @length bits at bit @at. */
static unsigned int with_run(size_t at, size_t length, unsigned int bit,
			     struct vrng_fips_result *result)
{
	uint8_t block[BYTES];
	size_t n;

	fill_random(block, 7);
	for (n = at; n < at + length; n++)
		set_bit(block, n, bit);
	if (at)
		set_bit(block, at - 1, !bit);
	if (at + length < BITS)
		set_bit(block, at + length, !bit);
	return check(block, result);
}

static void a_run_of_26_is_found_wherever_it_lies(void **unused)
{
	struct vrng_fips_result result;
	unsigned int bit;
	size_t at;

	(void)unused;
	for (bit = 0; bit < 2; bit++) {
		for (at = 0; at < 200; at++) {
			assert_int_equal(with_run(at, 25, bit, &result), 0);
			assert_int_equal(result.stats.longest, 25);
			assert_int_equal(with_run(at, 26, bit, &result), LONG);
			assert_int_equal(result.stats.longest, 26);
		}
		assert_int_equal(with_run(BITS - 25, 25, bit, &result), 0);
		assert_int_equal(with_run(BITS - 26, 26, bit, &result), LONG);
	}
}

/* Runs of 13 bits on both sides of a block boundary are no run of 26. */
static void a_run_ends_with_its_block(void **unused)
{
	struct vrng_fips_result result;
	uint8_t block[BYTES];
	size_t n;

	(void)unused;
	fill_random(block, 7);
	for (n = 0; n < 13; n++) {
		set_bit(block, n, 1);
		set_bit(block, BITS - 1 - n, 1);
	}
	set_bit(block, 13, 0);
	set_bit(block, BITS - 14, 0);
	assert_int_equal(check(block, &result), 0);
	assert_int_equal(check(block, &result), 0);
}

/* ------------------------------------------------------------- continuous */

static void the_first_word_is_compared_with_the_one_given(void **unused)
{
	struct vrng_fips_result result;
	struct vrng_fips fips;
	uint8_t block[BYTES];
	uint8_t first[VRNG_FIPS_WORD_BYTES];

	(void)unused;
	fill_random(block, 7);
	memcpy(first, block, sizeof(first));
	vrng_fips_init(&fips, first);
	assert_int_equal(vrng_fips_check(&fips, block, &result), CONTINUOUS);
	assert_int_equal(result.stats.repeats, 1);

	first[3] ^= 1;
	vrng_fips_init(&fips, first);
	assert_int_equal(vrng_fips_check(&fips, block, &result), 0);
}

static void the_last_word_is_carried_to_the_next_block(void **unused)
{
	struct vrng_fips_result result;
	struct vrng_fips fips;
	uint8_t one[BYTES], two[BYTES];
	int bit;

	(void)unused;
	fill_random(one, 7);
	fill_random(two, 8);
	memcpy(two, one + BYTES - 4, 4);
	vrng_fips_init(&fips, two + 100);
	assert_int_equal(vrng_fips_check(&fips, one, &result), 0);
	assert_int_equal(vrng_fips_check(&fips, two, &result), CONTINUOUS);
	assert_int_equal(result.stats.repeats, 1);

	/* A difference in any one of the 32 bits makes the words unequal. */
	for (bit = 0; bit < 32; bit++) {
		vrng_fips_check(&fips, one, &result);
		two[bit / 8] ^= (uint8_t)(1 << bit % 8);
		vrng_fips_check(&fips, two, &result);
		assert_int_equal(result.failed & CONTINUOUS, 0);
		two[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void equal_words_count_only_on_word_boundaries(void **unused)
{
	struct vrng_fips_result result;
	uint8_t block[BYTES];
	size_t at;

	(void)unused;
	for (at = 0; at + 8 <= BYTES; at++) {
		fill_random(block, 7);
		memcpy(block + at + 4, block + at, 4);
		/* Keep random neighbours from extending the pair. */
		if (at)
			block[at - 1] = (uint8_t)~block[at + 3];
		if (at + 8 < BYTES)
			block[at + 8] = (uint8_t)~block[at + 4];
		check(block, &result);
		assert_int_equal(result.stats.repeats, at % 4 == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_statistics_equal_the_reference),
		cmocka_unit_test(the_best_engine_is_the_first_that_is_usable),
		cmocka_unit_test(good_statistics_pass),
		cmocka_unit_test(monobit_bounds_are_exclusive),
		cmocka_unit_test(poker_bounds_are_inclusive),
		cmocka_unit_test(
			each_run_bound_is_inclusive_for_zeros_and_ones),
		cmocka_unit_test(
			a_run_of_26_is_long_and_one_repeat_is_too_many),
		cmocka_unit_test(
			a_block_with_so_many_ones_is_judged_by_monobit),
		cmocka_unit_test(a_block_with_such_nibbles_is_judged_by_poker),
		cmocka_unit_test(a_block_with_such_runs_is_judged_by_runs),
		cmocka_unit_test(a_run_of_26_is_found_wherever_it_lies),
		cmocka_unit_test(a_run_ends_with_its_block),
		cmocka_unit_test(the_first_word_is_compared_with_the_one_given),
		cmocka_unit_test(the_last_word_is_carried_to_the_next_block),
		cmocka_unit_test(equal_words_count_only_on_word_boundaries),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("fips", tests, NULL, NULL);
}
