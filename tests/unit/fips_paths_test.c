// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compares all statistics of each engine with those of the reference, on
 * random blocks, on biased ones, and on blocks constructed for the mistakes
 * that vector code makes. VRNG_CORPUS=full compares all blocks, which takes
 * some minutes, and the default a part of them. "few" is a tenth of the
 * default, and "fewest" a hundredth, for emulated processors and quickcheck.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/bits.h"
#include "tests/unit/machine.h"
#include "vrng/fips.h"

#define BYTES VRNG_FIPS_BLOCK_BYTES
#define BITS  VRNG_FIPS_BLOCK_BITS

/* ----------------------------------------------------------------- random */

/* The seed of block @n of corpus @corpus (splitmix64). */
static uint64_t seed(uint64_t corpus, uint64_t n)
{
	uint64_t z = corpus * 0xd1342543de82ef95ULL + (n + 1);

	z *= 0x9e3779b97f4a7c15ULL;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (z ^ z >> 31) | 1;
}

static unsigned int random_bit(uint64_t *state)
{
	return (unsigned int)(next_random(state) >> 63);
}

static size_t below(uint64_t *state, size_t bound)
{
	return (size_t)((next_random(state) >> 32) * bound >> 32);
}

static void fill(uint8_t *bytes, size_t len, uint64_t *state)
{
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (uint8_t)(next_random(state) >> 56);
}

static void good_block(uint8_t *block, uint64_t n)
{
	uint64_t state = seed(1, n);

	fill(block, BYTES, &state);
}

/* ----------------------------------------------------------------- biased */

static unsigned int bit_at(const uint8_t *block, size_t n)
{
	return block[n / 8] >> (7 - n % 8) & 1;
}

static void set_bits(uint8_t *block, size_t from, size_t len, unsigned int bit)
{
	for (; len; len--)
		set_bit(block, from++, bit);
}

/* Fill @block with bits that are 1 with a probability of @part in 256. */
static void lean(uint8_t *block, unsigned int part, uint64_t *state)
{
	size_t n;

	for (n = 0; n < BITS; n++)
		set_bit(block, n, next_random(state) >> 56 < part);
}

/* Fill @block with bits that repeat the previous with probability @part/256. */
static void cling(uint8_t *block, unsigned int part, uint64_t *state)
{
	unsigned int bit = random_bit(state);
	size_t n;

	for (n = 0; n < BITS; n++) {
		bit ^= next_random(state) >> 56 >= part;
		set_bit(block, n, bit);
	}
}

static void biased_block(uint8_t *block, uint64_t n)
{
	uint64_t state = seed(2, n);
	uint8_t value = (uint8_t)next_random(&state);
	size_t i;

	switch (n % 5) {
	case 0: /* any bias */
		lean(block, (unsigned int)below(&state, 257), &state);
		return;
	case 1:
		cling(block, (unsigned int)below(&state, 257), &state);
		return;
	case 2:
		lean(block, 120 + (unsigned int)below(&state, 17), &state);
		return;
	case 3: /* one nibble too often */
		good_block(block, n);
		for (i = below(&state, 40); i < BYTES; i += 40)
			block[i] = value;
		return;
	default: /* a short period */
		good_block(block, n);
		for (i = 1 + below(&state, 70); i < BYTES; i++)
			block[i] = block[i % (1 + (n & 63))];
	}
}

/* ------------------------------------------------------------ constructed */

/* Lay a run of exactly @len bits at @at. The bits beside it differ from it. */
static void lay_run(uint8_t *block, size_t at, size_t len, unsigned int bit)
{
	if (len > BITS - at)
		len = BITS - at;
	set_bits(block, at, len, bit);
	if (at)
		set_bit(block, at - 1, !bit);
	if (at + len < BITS)
		set_bit(block, at + len, !bit);
}

/* Lengths at the limits of bins, windows, words and vectors. */
static const uint16_t lengths[] = {
	1,   2,	  3,   4,   5,	 6,   7,   8,	9,   10,   11,	 12,
	13,  14,  15,  16,  24,	 25,  26,  27,	31,  32,   33,	 63,
	64,  65,  95,  96,  97,	 127, 128, 129, 191, 192,  193,	 255,
	256, 257, 511, 512, 513, 640, 767, 768, 769, 1023, 1024, 1025,
};
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

/* Runs that begin or end within 8 bits of the boundary of a word. */
static void at_boundaries(uint8_t *block, uint64_t n, uint64_t *state)
{
	size_t len = lengths[n % LENGTHS];
	size_t edge = 32 * below(state, BITS / 32 + 1);
	size_t shift = below(state, 17);
	size_t at = edge + shift;

	if (n & 1)
		at = at > len ? at - len : 0;
	at = at > 8 ? at - 8 : 0;
	if (at >= BITS)
		at = BITS - 1;
	lay_run(block, at, len, random_bit(state));
}

static void at_both_ends(uint8_t *block, uint64_t n, uint64_t *state)
{
	size_t first = lengths[n % LENGTHS];
	size_t last = lengths[below(state, LENGTHS)];

	lay_run(block, 0, first, random_bit(state));
	lay_run(block, BITS - last, last, random_bit(state));
}

static void all_of_one_length(uint8_t *block, uint64_t n, uint64_t *state)
{
	size_t len = 1 + (size_t)(n % 1100);
	unsigned int bit = random_bit(state);
	size_t at = 0;
	size_t now = 1 + below(state, len);

	for (; at < BITS; at += now, now = len, bit ^= 1)
		set_bits(block, at, now > BITS - at ? BITS - at : now, bit);
}

/* Many runs of each length. */
static void many_runs(uint8_t *block, uint64_t *state)
{
	size_t i;

	for (i = 0; i < 100; i++)
		lay_run(block, below(state, BITS),
			lengths[below(state, LENGTHS)], random_bit(state));
}

static void repeated_words(uint8_t *block, uint64_t n, uint64_t *state)
{
	size_t at = (size_t)(n % (BYTES - 4));
	size_t times = 1 + below(state, 5);

	if (n & 1)
		at &= ~(size_t)3;
	for (; times && at + 8 <= BYTES; times--, at += 4)
		memcpy(block + at + 4, block + at, 4);
}

/* Change a random block until it has exactly @want ones. */
static void so_many_ones(uint8_t *block, size_t want, uint64_t *state)
{
	size_t have = 0;
	size_t n;

	for (n = 0; n < BITS; n++)
		have += bit_at(block, n);
	while (have != want) {
		n = below(state, BITS);
		if (bit_at(block, n) == (have > want)) {
			set_bit(block, n, have < want);
			have = have < want ? have + 1 : have - 1;
		}
	}
}

/* Set nibbles to one value until the poker sum is near its bound. */
static void so_uneven(uint8_t *block, uint64_t *state)
{
	size_t moved = 150 + below(state, 250);
	uint8_t value = (uint8_t)below(state, 16);
	size_t i;

	for (; moved; moved--) {
		i = below(state, BYTES);
		block[i] = (uint8_t)((block[i] & 0xf0) | value);
	}
}

/* Move bin @k of the runs of @bit from its mean to beyond its bounds. */
static void so_many_runs(uint8_t *block, uint64_t n, uint64_t *state)
{
	size_t len = 1 + (size_t)(n % 6);
	size_t times = below(state, 600);

	for (; times; times--)
		lay_run(block, below(state, BITS), len, n >> 3 & 1);
}

static void constructed_block(uint8_t *block, uint64_t n)
{
	static const uint16_t ones[] = { 0,	1,     9724,  9725,
					 9726,	9727,  10273, 10274,
					 10275, 10276, 19999, 20000 };
	uint64_t state = seed(3, n);

	fill(block, BYTES, &state);
	switch (n % 8) {
	case 0:
		at_boundaries(block, n / 8, &state);
		return;
	case 1:
		at_both_ends(block, n / 8, &state);
		return;
	case 2:
		all_of_one_length(block, n / 8, &state);
		return;
	case 3:
		many_runs(block, &state);
		return;
	case 4:
		repeated_words(block, n / 8, &state);
		return;
	case 5:
		so_many_ones(block, ones[n / 8 % 12], &state);
		return;
	case 6:
		so_uneven(block, &state);
		return;
	default:
		so_many_runs(block, n / 8, &state);
	}
}

/* ---------------------------------------------------------------- engines */

static const struct vrng_fips_engine *reference(void)
{
	const struct vrng_fips_engine *engine;
	size_t n = 0;

	while ((engine = vrng_fips_engine(n++)))
		if (!strcmp(engine->name, "reference"))
			return engine;
	fail_msg("there is no reference");
	return NULL;
}

/* Each usable engine must measure what the reference measures. */
static void compare(const uint8_t *block, const char *corpus, uint64_t n)
{
	const struct vrng_fips_engine *engine;
	struct vrng_fips_stats want;
	struct vrng_fips_stats got;
	size_t i;

	reference()->measure(block, &want);
	for (i = 0; (engine = vrng_fips_engine(i)); i++) {
		if (!engine->usable())
			continue;
		memset(&got, 0xa5, sizeof(got));
		engine->measure(block, &got);
		if (memcmp(&got, &want, sizeof(want)))
			fail_msg("%s errs on block %llu of the %s",
				 engine->name, (unsigned long long)n, corpus);
	}
}

static bool corpus_is(const char *name)
{
	const char *corpus = getenv("VRNG_CORPUS");

	return corpus && !strcmp(corpus, name);
}

static bool full(void)
{
	return corpus_is("full");
}

/* How many times fewer blocks than by default. */
static size_t apart(void)
{
	if (corpus_is("fewest"))
		return 100;
	return corpus_is("few") ? 10 : 1;
}

static void compare_all(void (*make)(uint8_t *, uint64_t), const char *corpus,
			uint64_t all, uint64_t some)
{
	uint64_t count = full() ? all : some / apart();
	/* Coprime to 2, 3 and 5, so that no kind of block is left out. */
	uint64_t step = full() ? 1 : 7;
	uint8_t block[BYTES];
	uint64_t n;

	for (n = 0; n < count; n++) {
		make(block, n * step);
		compare(block, corpus, n * step);
	}
	print_message("# %s: %llu blocks, seeded by their numbers\n", corpus,
		      (unsigned long long)count);
}

static void engines_agree_on_good_blocks(void **unused)
{
	(void)unused;
	compare_all(good_block, "good", 1000000, 3000);
}

static void engines_agree_on_biased_blocks(void **unused)
{
	(void)unused;
	compare_all(biased_block, "biased", 100000, 2000);
}

static void engines_agree_on_constructed_blocks(void **unused)
{
	(void)unused;
	compare_all(constructed_block, "constructed", 100000, 6000);
}

/*
 * Lay a run of @len bits at @at, in a block without other runs of 12 or more,
 * and expect it as the longest. Engines find runs from 12 bits on in another
 * way.
 */
static void assert_longest(const struct vrng_fips_engine *engine, size_t at,
			   size_t len, unsigned int bit)
{
	struct vrng_fips_stats stats;
	uint8_t block[BYTES];

	memset(block, 0x35, sizeof(block));
	lay_run(block, at, len, bit);
	engine->measure(block, &stats);
	if (stats.longest != len)
		fail_msg("%s: %zu bits of %u from bit %zu on: says %u",
			 engine->name, len, bit, at, stats.longest);
	if (stats.runs[bit][5] != (len > 5))
		fail_msg("%s: %zu bits of %u from bit %zu on: not in its bin",
			 engine->name, len, bit, at);
}

static void a_run_is_measured_wherever_it_lies(void **unused)
{
	static const size_t some[] = { 5,  6,  7,  8,  10, 11, 12,
				       13, 25, 26, 64, 65, 600 };
	const struct vrng_fips_engine *engine;
	size_t n, i, at;

	(void)unused;
	for (n = 0; (engine = vrng_fips_engine(n)); n++) {
		if (!engine->usable() || engine == reference())
			continue;
		for (i = 0; i < sizeof(some) / sizeof(some[0]); i++)
			for (at = 0; at + some[i] <= BITS;
			     at += full() ? 1 : apart() + at % 3) {
				assert_longest(engine, at, some[i], 0);
				assert_longest(engine, at, some[i], 1);
			}
		for (i = 5; i < BITS; i += full() ? 7 : 131 * apart()) {
			assert_longest(engine, 0, i, 1);
			assert_longest(engine, BITS - i, i, 0);
		}
	}
}

static void a_repeat_is_counted_wherever_it_lies(void **unused)
{
	const struct vrng_fips_engine *engine;
	struct vrng_fips_stats stats;
	uint8_t block[BYTES];
	size_t n, at;

	(void)unused;
	for (n = 0; (engine = vrng_fips_engine(n)); n++) {
		if (!engine->usable())
			continue;
		for (at = 0; at + 8 <= BYTES; at += 4) {
			good_block(block, 0);
			memcpy(block + at + 4, block + at, 4);
			engine->measure(block, &stats);
			assert_int_equal(stats.repeats, 1);
		}
	}
}

/* A skipped case reports an engine that this processor cannot run. */
static void this_engine_was_compared(void **state)
{
	const struct vrng_fips_engine *engine = *state;

	if (!engine->usable())
		LEAVE_OUT(engine->name); /* the processor lacks what it needs */
}

/* Write blocks of a corpus to stdout, for rngtest_peer.t. */
static int write_blocks(const char *corpus, uint64_t count)
{
	void (*make)(uint8_t *, uint64_t) =
		!strcmp(corpus, "good")	  ? good_block :
		!strcmp(corpus, "biased") ? biased_block :
					    constructed_block;
	uint8_t block[BYTES];
	uint64_t n;

	for (n = 0; n < count; n++) {
		make(block, n);
		if (fwrite(block, sizeof(block), 1, stdout) != 1)
			return 1;
	}
	return fflush(stdout) ? 1 : 0;
}

/* --blocks good|biased|constructed COUNT: write them to stdout. */
int main(int argc, char **argv)
{
	struct CMUnitTest tests[16] = {
		cmocka_unit_test(engines_agree_on_good_blocks),
		cmocka_unit_test(engines_agree_on_biased_blocks),
		cmocka_unit_test(engines_agree_on_constructed_blocks),
		cmocka_unit_test(a_run_is_measured_wherever_it_lies),
		cmocka_unit_test(a_repeat_is_counted_wherever_it_lies),
	};
	static char names[8][64];
	const struct vrng_fips_engine *engine;
	size_t n;

	for (n = 0; n < 8 && (engine = vrng_fips_engine(n)); n++) {
		snprintf(names[n], sizeof(names[n]), "%s_was_compared",
			 engine->name);
		tests[5 + n].name = names[n];
		tests[5 + n].test_func = this_engine_was_compared;
		tests[5 + n].initial_state = (void *)(uintptr_t)engine;
	}
	if (argc == 4 && !strcmp(argv[1], "--blocks"))
		return write_blocks(argv[2], strtoull(argv[3], NULL, 10));
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests("fips paths", tests, 5 + n, NULL, NULL);
}
