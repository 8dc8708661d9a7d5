// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the lengths that are computed in the place of bzip2: libbz2 must give the
 * same ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "rngd/tester/iid/bzip2.h"
#include "rngd/tester/iid/generator.h"

#define MOST 150000u

/* Blocks of 100 kB, which libbz2 sorts in a fifth of the time of those in use. */
#define LEVEL 1
#define BLOCK (100000u * LEVEL - 19)

static uint8_t samples[MOST];

static void begin(struct vrng_bzip2 *bzip2, unsigned int level, size_t count,
		  const uint8_t values[256])
{
	bool seen[256] = { false };
	size_t i;

	for (i = 0; i < count; i++)
		seen[samples[i]] = true;
	assert_int_equal(vrng_bzip2_init(bzip2, level, count, seen, values), 0);
}

/*
 * Expect both lengths of @count samples, of which 0 is written as @first, to be
 * equal. Returns if the first could be computed.
 */
static bool expect_equal_at(unsigned int level, size_t count, uint8_t first)
{
	struct vrng_bzip2 bzip2;
	uint8_t values[256];
	size_t length, computed;
	unsigned int i;

	for (i = 0; i < 256; i++)
		values[i] = (uint8_t)(first + i);
	begin(&bzip2, level, count, values);
	length = vrng_bzip2_compress(&bzip2, samples);
	computed = vrng_bzip2_compute(&bzip2, samples);
	assert_true(length > 0);
	assert_int_equal(computed ? computed : length, length);
	if (!computed)
		assert_int_equal(vrng_bzip2_length(&bzip2, samples), length);
	vrng_bzip2_free(&bzip2);
	return computed;
}

static bool expect_equal(size_t count, uint8_t first)
{
	return expect_equal_at(LEVEL, count, first);
}

/* Samples below @values; @bias in 256 of them are 0. */
static void fill(size_t count, unsigned int values, unsigned int bias,
		 uint64_t seed)
{
	struct vrng_generator generator;
	size_t i;

	vrng_generator_begin(&generator, 31, seed);
	for (i = 0; i < count; i++)
		samples[i] = vrng_generator_below(&generator, 256) < bias ?
				     0 :
				     (uint8_t)vrng_generator_below(&generator,
								   values);
}

/* One to three blocks. */
static void lengths_are_those_of_libbz2(void **state)
{
	static const unsigned int values[] = { 2, 3, 11, 101, 256 };
	static const size_t counts[] = { 1000, 20011, 60000 };
	unsigned int v, c;

	(void)state;
	for (v = 0; v < sizeof(values) / sizeof(values[0]); v++)
		for (c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
			fill(counts[c], values[v], v % 2 ? 150 : 0, v);
			assert_true(expect_equal(counts[c], 0));
		}
}

/* Two blocks as they are in use. */
static void blocks_may_be_larger(void **state)
{
	(void)state;
	fill(MOST, 256, 0, 50);
	assert_true(expect_equal_at(VRNG_BZIP2_LEVEL, MOST, 0));
}

/*
 * Text that ends a little before the end of a block, or after it, where runs of
 * characters are that a block does not divide.
 */
static void blocks_end_after_any_character(void **state)
{
	static const uint8_t values[] = { 1, 22, 222, 222 };
	unsigned int round, more, computed = 0;
	size_t i, chars;

	(void)state;
	for (round = 0; round < 4; round++) {
		fill(MOST, sizeof(values), 0, 7 + round);
		for (i = 0; i < MOST; i++)
			samples[i] = values[samples[i]];
		for (i = 0, chars = 0; chars < BLOCK - 6; i++)
			chars += 2u + (samples[i] > 9) + (samples[i] > 99);
		for (more = 0; more < 5; more++)
			computed += expect_equal(i + more, 0);
	}
	/* Not if what is left in the last block is a part of a word. */
	assert_true(computed > 8);
}

/* The text ends one character after what makes a block: it is in the block. */
static void one_more_character_is_not_cut_off(void **state)
{
	size_t chars = 0, i, n;

	(void)state;
	fill(MOST, 2, 0, 5);
	for (i = 0; chars + 2 <= BLOCK - 1; i++)
		chars += 2;
	/* A longer word is in the place of as many as are to be made up for. */
	for (n = 0; chars < BLOCK - 1; n++, chars++)
		samples[n] = 12;
	samples[i] = 12;
	assert_true(expect_equal(i + 1, 0));
}

/* A bit may stand for any number, and the greater one be the lesser text. */
static void bits_may_be_any_numbers(void **state)
{
	static const uint8_t first[] = { 9, 99, 110, 199, 254 };
	unsigned int i;

	(void)state;
	fill(40000, 2, 0, 3);
	for (i = 0; i < sizeof(first); i++)
		assert_true(expect_equal(40000, first[i]));
}

/* Words that are sorted only by what comes after many equal ones. */
static void equal_words_are_told_apart(void **state)
{
	unsigned int round;
	size_t i;

	(void)state;
	for (round = 0; round < 8; round++) {
		fill(20000, 1u << (1 + round), 0, 40 + round);
		for (i = 0; i < 20; i++)
			memcpy(samples + 600 * i + 2000, samples + 16000,
			       100 + i);
		assert_true(expect_equal(20000, 0));
	}
}

static void what_is_too_much_alike_is_compressed(void **state)
{
	size_t i;

	(void)state;
	memset(samples, 0, 20000);
	samples[5] = 1;
	assert_false(expect_equal(20000, 0));
	for (i = 0; i < 20000; i++)
		samples[i] = (uint8_t)(i % 50);
	assert_false(expect_equal(20000, 0));
}

/* Also the end of a text that is a part of a word, or too few words to sort. */
static void a_few_samples_have_a_length(void **state)
{
	size_t count;

	(void)state;
	fill(300, 200, 0, 4);
	for (count = 1; count < 300; count += 1 + count / 8)
		assert_true(expect_equal(count, 0) || count < 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_are_those_of_libbz2),
		cmocka_unit_test(blocks_may_be_larger),
		cmocka_unit_test(blocks_end_after_any_character),
		cmocka_unit_test(one_more_character_is_not_cut_off),
		cmocka_unit_test(bits_may_be_any_numbers),
		cmocka_unit_test(equal_words_are_told_apart),
		cmocka_unit_test(what_is_too_much_alike_is_compressed),
		cmocka_unit_test(a_few_samples_have_a_length),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("bzip2", tests, NULL, NULL);
}
