/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The body of an engine, for vectors of any width: to be included once by a
 * file that says what its vectors are. No function in it is known elsewhere.
 *
 * The file defines LANES, the 64-bit words in a vector (1 to 8); ROUND, how
 * many vectors' counts one sum can hold; and
 *
 *	V			the vector, with C's operators
 *	V load(p)		from any address
 *	void store(p, v)
 *	V from_big_endian(v)	of each word
 *	SPREAD(word)		a vector of that word
 *	FUNNEL(v, next, k)	the words of v shifted left by the constant k, the
 *				tops of those of next coming in
 *	SELECT(m, p, q)		bits of p where m is 1, of q where it is 0
 *	V count(v)		how many ones there are, in a form that + adds up
 *	V widen(sum)		the sum of up to ROUND counts, a number in each word
 *	uint64_t across(v)	the sum of its words
 *	unsigned nonzero(v)	bit n: word n is not 0
 *	unsigned equal_halves(v, w)
 *				in how many of their 32-bit pieces they are equal
 */
#include <string.h>

#include "rngd/checks/fips_engines.h"
#include "rngd/checks/fips_words.h"

#define VECTORS	     (FIPS_PADDED / LANES)
#define FULL_VECTORS (FIPS_FULL_WORDS / LANES)
#define NIBBLE_STEPS (VECTORS / 4)
#define NIBBLE_ROUND (NIBBLE_STEPS < ROUND ? NIBBLE_STEPS : ROUND)

_Static_assert(VECTORS % ROUND == 0 && NIBBLE_STEPS % NIBBLE_ROUND == 0,
	       "all rounds are alike");
_Static_assert(FIPS_PADDED % LANES == 0 && FIPS_FULL_WORDS % LANES == 0,
	       "no vector is cut");

/*
 * Add four sums to their totals: none exceeds the bits there are, so they are
 * added up side by side, 16 bits each.
 */
static inline void add_up(const V *sums, uint32_t *totals)
{
	const uint64_t all =
		across(widen(sums[0]) | widen(sums[1]) << 16 |
		       widen(sums[2]) << 32 | widen(sums[3]) << 48);

	totals[0] += all & 0xffff;
	totals[1] += all >> 16 & 0xffff;
	totals[2] += all >> 32 & 0xffff;
	totals[3] += (uint32_t)(all >> 48);
}

static void take_words(struct fips_words *words, const uint8_t *block)
{
	size_t i;

	for (i = 0; i < FULL_VECTORS; i++)
		store(words->bits + i * LANES,
		      from_big_endian(load(block + i * LANES * 8)));
	vrng_fips_pad(words, block);
}

/*
 * 625 pieces of 32 bits, and the same moved on by one: 624 pairs, which are as
 * many as there are in whole vectors.
 */
static uint32_t count_repeats(const uint8_t *block)
{
	uint32_t repeats = 0;
	size_t i;

	for (i = 0; i < FULL_VECTORS; i++, block += LANES * 8)
		repeats += equal_halves(load(block), load(block + 4));
	return repeats;
}

/* ------------------------------------------------------------------ poker */

/*
 * Four vectors to four planes: planes[j] has bit j of each nibble of them all.
 * Two steps of a transposition, at each of which every other bit, or every
 * other two, change places with their neighbours in another vector.
 */
static inline void to_planes(const uint64_t *bits, V planes[4])
{
	const V odd = SPREAD(0x5555555555555555ULL);
	const V pairs = SPREAD(0x3333333333333333ULL);
	const V a = load(bits);
	const V b = load(bits + LANES);
	const V c = load(bits + 2 * LANES);
	const V d = load(bits + 3 * LANES);
	const V low_ab = SELECT(odd, a, b << 1);
	const V high_ab = SELECT(odd, a >> 1, b);
	const V low_cd = SELECT(odd, c, d << 1);
	const V high_cd = SELECT(odd, c >> 1, d);

	planes[0] = SELECT(pairs, low_ab, low_cd << 2);
	planes[1] = SELECT(pairs, high_ab, high_cd << 2);
	planes[2] = SELECT(pairs, low_ab >> 2, low_cd);
	planes[3] = SELECT(pairs, high_ab >> 2, high_cd);
}

/* Nibbles 4 * i to 4 * i + 3, of those whose upper two bits are i. */
#define ADD_NIBBLES(i, upper)                                 \
	do {                                                  \
		const V up = (upper);                         \
		sum[4 * (i)] += count(up & ~p[0] & ~p[1]);    \
		sum[4 * (i) + 1] += count(up & p[0] & ~p[1]); \
		sum[4 * (i) + 2] += count(up & ~p[0] & p[1]); \
		sum[4 * (i) + 3] += count(up & p[0] & p[1]);  \
	} while (0)

static void count_nibbles(const uint64_t *bits, uint32_t *nibbles)
{
	size_t done, i;
	V p[4];

	memset(nibbles, 0, VRNG_FIPS_NIBBLES * sizeof(*nibbles));
	for (done = 0; done < NIBBLE_STEPS; done += NIBBLE_ROUND) {
		V sum[VRNG_FIPS_NIBBLES] = { 0 };

		for (i = 0; i < NIBBLE_ROUND; i++, bits += 4 * LANES) {
			to_planes(bits, p);
			ADD_NIBBLES(0, ~p[2] & ~p[3]);
			ADD_NIBBLES(1, p[2] & ~p[3]);
			ADD_NIBBLES(2, ~p[2] & p[3]);
			ADD_NIBBLES(3, p[2] & p[3]);
		}
		for (i = 0; i < VRNG_FIPS_NIBBLES; i += 4)
			add_up(sum + i, nibbles + i);
	}
}

/* ------------------------------------------------------------------- runs */

/* From windows of k bits to those of k + 1. */
#define WIDEN(k)                                      \
	do {                                          \
		const V shifted = FUNNEL(v, next, k); \
		all &= shifted;                       \
		any |= shifted;                       \
		ones[(k) + 1] += count(all);          \
		nonzeros[(k) + 1] += count(any);      \
	} while (0)

/* Of ROUND vectors. [k] is of windows of k bits. */
static void count_round(struct fips_words *words, size_t at,
			struct fips_counts *counts)
{
	V ones[FIPS_COUNTS] = { 0 };
	V nonzeros[FIPS_COUNTS] = { 0 };
	size_t i;

	for (i = 0; i < ROUND; i++, at += LANES) {
		const V v = load(words->bits + at);
		const V next = load(words->bits + at + 1);
		V all = v;
		V any = v;

		WIDEN(1);
		WIDEN(2);
		WIDEN(3);
		WIDEN(4);
		WIDEN(5);
		WIDEN(6);
		store(words->equal + at, all | ~any);
	}
	add_up(ones, counts->ones);
	add_up(ones + 4, counts->ones + 4);
	add_up(nonzeros, counts->zeros);
	add_up(nonzeros + 4, counts->zeros + 4);
}

static void count_windows(struct fips_words *words, struct fips_counts *counts)
{
	size_t at, k;

	memset(counts->ones, 0, sizeof(counts->ones));
	memset(counts->zeros, 0, sizeof(counts->zeros));
	for (at = 0; at < FIPS_PADDED; at += ROUND * LANES)
		count_round(words, at, counts);
	for (k = 2; k < FIPS_COUNTS; k++)
		counts->zeros[k] = FIPS_PADDED * 64 - counts->zeros[k];
}

static uint32_t find_longest(const struct fips_words *words)
{
	struct fips_longest longest = { 0 };
	size_t n;

	for (n = 0; n < FIPS_PADDED; n += LANES) {
		const V v = load(words->equal + n);
		const V next = load(words->equal + n + 1);
		unsigned int found = nonzero(
			v & FUNNEL(v, next, FIPS_LONGISH - FIPS_WINDOW));

		for (; found; found &= found - 1)
			vrng_fips_follow(words,
					 n + (size_t)__builtin_ctz(found),
					 &longest);
	}
	return longest.bits;
}

/* ------------------------------------------------------------------ block */

static void measure(const uint8_t *block, struct vrng_fips_stats *stats)
{
	struct fips_words words __attribute__((aligned(64)));
	struct fips_counts counts;

	take_words(&words, block);
	counts.repeats = count_repeats(block);
	count_nibbles(words.bits, counts.nibbles);
	count_windows(&words, &counts);
	vrng_fips_trim(&words);
	vrng_fips_finish(&words, &counts, find_longest(&words), stats);
}
