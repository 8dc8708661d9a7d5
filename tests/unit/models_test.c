// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the models of MultiMMC and LZ78Y where they become full, and where the
 * ends of tuples decide, against plain code that looks everything up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "rngd/tester/estimate/estimator.h"
#include "tests/unit/estimate_data.h"

#define MODELS	  8u
#define LONGEST	  16u
#define MMC_MOST  100000u /* pairs in a model */
#define LZ_MOST	  65536u /* tuples in the dictionary */
#define SLOTS	  (1u << 22)
#define NO_SAMPLE 256u

/* ---------------------------------------------------------------- plain code */

/* What is known of a tuple, or of a tuple and the sample after it. */
struct entry {
	uint64_t key;
	uint32_t count; /* 0: a free slot */
	uint32_t best_count;
	uint32_t best;
};

static struct entry *table;

/* A tuple of @len before @at, with the sample @next: its slot, which may be free. */
static struct entry *entry_of(const uint8_t *s, size_t at, unsigned int len,
			      unsigned int next)
{
	uint64_t key = 0xcbf29ce484222325ULL ^ len << 16;
	uint32_t slot;
	size_t i;

	for (i = at - len; i < at; i++)
		key = (key ^ s[i]) * 0x100000001b3ULL;
	key = scatter((key ^ next << 8) * 0x100000001b3ULL);
	slot = (uint32_t)(key >> 42);
	while (table[slot].count && table[slot].key != key)
		slot = (slot + 1) % SLOTS;
	table[slot].key = key;
	return &table[slot];
}

/* Count that @next came after the tuple, of which both become known. */
static void count(const uint8_t *s, size_t at, unsigned int len)
{
	struct entry *tuple = entry_of(s, at, len, NO_SAMPLE), *pair;

	tuple->count = 1;
	pair = entry_of(s, at, len, s[at]);
	pair->count++;
	if (pair->count < tuple->best_count ||
	    (pair->count == tuple->best_count && s[at] < tuple->best))
		return;
	tuple->best_count = pair->count;
	tuple->best = s[at];
}

struct hits {
	uint64_t right;
	uint64_t run;
	uint64_t longest;
};

static void add_hit(struct hits *hits, bool right)
{
	hits->right += right;
	hits->run = right ? hits->run + 1 : 0;
	hits->longest = hits->run > hits->longest ? hits->run : hits->longest;
}

static void plain_multi_mmc(const struct vrng_samples *samples,
			    struct hits *hits)
{
	uint32_t pairs[MODELS] = { 0 };
	uint64_t scores[MODELS] = { 0 };
	unsigned int winner = 0, was, i;
	const uint8_t *s = samples->s;
	const struct entry *tuple;
	size_t at;

	for (at = 1; at < samples->len; at++) {
		bool right[MODELS] = { false };

		for (i = 0; i < MODELS && i < at; i++) {
			tuple = entry_of(s, at, i + 1, NO_SAMPLE);
			right[i] = tuple->count && tuple->best == s[at];
			if (entry_of(s, at, i + 1, s[at])->count ||
			    pairs[i] < MMC_MOST) {
				pairs[i] +=
					!entry_of(s, at, i + 1, s[at])->count;
				count(s, at, i + 1);
			}
		}
		if (at < 2)
			continue;
		was = winner;
		add_hit(hits, right[was]);
		for (i = 0; i < MODELS; i++) {
			scores[i] += right[i];
			if (right[i] && scores[i] >= scores[winner])
				winner = i;
		}
	}
}

static void plain_lz78y(const struct vrng_samples *samples, struct hits *hits)
{
	const uint8_t *s = samples->s;
	const struct entry *tuple;
	uint32_t tuples = 0, most, best;
	unsigned int len;
	size_t at;

	for (at = LONGEST + 1; at < samples->len; at++) {
		for (len = LONGEST; len; len--) {
			if (!entry_of(s, at - 1, len, NO_SAMPLE)->count) {
				if (tuples == LZ_MOST)
					continue;
				tuples++;
			}
			count(s, at - 1, len);
		}
		most = 0;
		best = NO_SAMPLE;
		for (len = LONGEST; len; len--) {
			tuple = entry_of(s, at, len, NO_SAMPLE);
			if (tuple->count && tuple->best_count > most) {
				most = tuple->best_count;
				best = tuple->best;
			}
		}
		add_hit(hits, best == s[at]);
	}
}

/* ---------------------------------------------------------------------- cases */

static void expect_hits(const struct vrng_estimate *estimate,
			const struct hits *hits)
{
	unsigned int i;

	assert_true(estimate->done);
	for (i = 0; i < estimate->count; i++) {
		const struct vrng_figure *figure = &estimate->figures[i];

		if (!strcmp(figure->name, "c"))
			assert_int_equal((uint64_t)figure->value, hits->right);
		if (!strcmp(figure->name, "r"))
			assert_int_equal((uint64_t)figure->value,
					 hits->longest + 1);
	}
}

static void check_lz78y(const uint8_t *s, size_t len, unsigned int width)
{
	const struct vrng_samples samples = { s, len, width, 1u << width };
	struct vrng_estimate estimate = { 0 };
	struct hits hits = { 0 };

	table = calloc(SLOTS, sizeof(*table));
	assert_non_null(table);
	plain_lz78y(&samples, &hits);
	free(table);
	assert_int_equal(vrng_estimate_lz78y(&samples, &estimate), 0);
	expect_hits(&estimate, &hits);
}

static void check_multi_mmc(const uint8_t *s, size_t len)
{
	const struct vrng_samples samples = { s, len, 8, 256 };
	struct vrng_estimate estimate = { 0 };
	struct hits hits = { 0 };

	table = calloc(SLOTS, sizeof(*table));
	assert_non_null(table);
	plain_multi_mmc(&samples, &hits);
	free(table);
	assert_int_equal(
		vrng_estimate_multi_mmc_of(&samples, MODELS, &estimate), 0);
	expect_hits(&estimate, &hits);
}

/*
 * The models become full one after the other, a step apart, while 63 bits come for
 * the first time, which tell after six bits what follows. They come again and
 * again: what each of the longer models still learned decides.
 */
static void full_models_know_what_they_learned(void **state)
{
	const size_t full = MMC_MOST - 50, len = full + 8000;
	uint8_t *s = malloc(len);
	uint64_t seed = 11;
	size_t i;

	(void)state;
	assert_non_null(s);
	for (i = 0; i < full; i++)
		s[i] = random_bits(&seed, 8);
	memcpy(s + full, "\1\0\0\0\0\0", 6);
	for (i = full + 6; i < len; i++)
		s[i] = s[i - 6] ^ s[i - 5];
	check_multi_mmc(s, len);
	free(s);
}

/*
 * The dictionary becomes full where each byte is new, so that it gets the longest
 * tuples of a place and not the shorter ones. Then the same comes again.
 */
static void the_dictionary_knows_tuples_without_their_ends(void **state)
{
	uint64_t seed = 12;
	uint8_t s[9000];
	size_t from, i;

	(void)state;
	for (from = 4300; from < 4700; from += 100) {
		for (i = 0; i < sizeof(s); i++) {
			if (i < from)
				s[i] = random_bits(&seed, 7);
			else if (i < from + 128)
				s[i] = (uint8_t)(128 + i - from);
			else
				s[i] = s[i - 160];
		}
		check_lz78y(s, sizeof(s), 8);
	}
}

/* Here the bit before the last one decides: what comes after 0 is equally common. */
static void the_bit_before_the_last_may_decide(void **state)
{
	uint64_t seed = 13;
	uint8_t s[4000];
	unsigned int round;
	size_t i;

	(void)state;
	for (round = 0; round < 20; round++) {
		for (i = 0; i < sizeof(s); i++)
			s[i] = (i >= 24 && i < 31) || i % 3 == 0;
		/* Up to here, and then all is settled. */
		for (i = 200 * round; i < sizeof(s); i++)
			s[i] = random_bits(&seed, 1 + round % 2);
		for (i = 0; i < sizeof(s); i++)
			s[i] = s[i] == 1;
		check_lz78y(s, sizeof(s), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_models_know_what_they_learned),
		cmocka_unit_test(
			the_dictionary_knows_tuples_without_their_ends),
		cmocka_unit_test(the_bit_before_the_last_may_decide),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
