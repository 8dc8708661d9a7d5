/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The body of an engine, for vectors of any width: to be included once by a
 * file that says what its vectors are. No function in it is known elsewhere.
 *
 * The file defines
 *
 *	V			the vector: 1, 2, 4 or 8 words of 64 bits, with
 *				C's operators
 *	V load(p)		from any address
 *	void store(p, v)
 *	SPREAD(word)		a vector of that word
 *	V count(v)		how many ones there are, in a form that + adds up
 *	V widen(sum)		the sum of counts, of up to 255 ones in each byte's
 *				place, as a number in each word
 *	uint64_t across(v)	the sum of its words
 *	unsigned nonzero(v)	bit n: word n is not 0
 *
 * and, if there are instructions of three operands, any of
 *
 *	SELECT(m, p, q)		bits of p where m is 1, of q where it is 0
 *	ADD_UNLESS(sum, a, b)	sum | (a & ~b)
 *	AND_EITHER(all, a, b)	all & (a | b)
 */
#include <string.h>

#include "rngd/checks/fips_engines.h"
#include "rngd/checks/fips_planes.h"

#ifndef ADD_UNLESS
#define ADD_UNLESS(sum, a, b) ((sum) | ((a) & ~(b)))
#endif
#ifndef AND_EITHER
#define AND_EITHER(all, a, b) ((all) & ((a) | (b)))
#endif

/* Vectors in arrays are in registers once every index is a constant. */
#define INLINE static inline __attribute__((always_inline))

/*
 * So many vectors of a plane before counts are added up: at most four in each
 * place of a byte, 160 in all.
 */
#define ROUND 5

_Static_assert(FIPS_EIGHTH % (ROUND * sizeof(V)) == 0, "all rounds are alike");

/*
 * Add four sums to their totals: none exceeds the bits there are, so they are
 * added up side by side, 16 bits each.
 */
INLINE void add_up(const V *sums, uint32_t *totals)
{
	const uint64_t all =
		across(widen(sums[0]) | widen(sums[1]) << 16 |
		       widen(sums[2]) << 32 | widen(sums[3]) << 48);

	totals[0] += all & 0xffff;
	totals[1] += all >> 16 & 0xffff;
	totals[2] += all >> 32 & 0xffff;
	totals[3] += (uint32_t)(all >> 48);
}

/*
 * 625 pieces of 32 bits, and the same moved on by one: 624 pairs, which are as
 * many as there are in whole vectors. A piece of which the top bit remains was
 * zero, or one beside it was.
 */
static bool any_repeats(const uint8_t *block)
{
	const size_t pairs = VRNG_FIPS_BLOCK_BYTES - VRNG_FIPS_WORD_BYTES;
	V zero = SPREAD(0);
	size_t i;

	for (i = 0; i < pairs; i += sizeof(V)) {
		const V changed = load(block + i) ^
				  load(block + i + VRNG_FIPS_WORD_BYTES);

		zero = ADD_UNLESS(zero, changed - SPREAD(0x0000000100000001ULL),
				  changed);
	}
	return nonzero(zero & SPREAD(0x8000000080000000ULL));
}

/* ----------------------------------------------------------------- planes */

/*
 * One step of a transposition: of two vectors, bits of the one at the places
 * that are not in @mask change with those of the other that are @k lower.
 */
#ifdef SELECT
#define EXCHANGE(a, b, k, mask)                                      \
	do {                                                         \
		const V low = SELECT(SPREAD(mask), (a), (b) << (k)); \
		(b) = SELECT(SPREAD(mask), (a) >> (k), (b));         \
		(a) = low;                                           \
	} while (0)
#else
#define EXCHANGE(a, b, k, mask)                                     \
	do {                                                        \
		const V change = ((a) >> (k) ^ (b)) & SPREAD(mask); \
		(b) ^= change;                                      \
		(a) ^= change << (k);                               \
	} while (0)
#endif

/* Bytes @at and up of each eighth, to planes. */
INLINE void to_planes(const struct fips_planes *planes, size_t at,
		      V p[FIPS_PLANES])
{
	size_t i;

	/* The last becomes the plane of the lowest bits, which is plane 7. */
#pragma GCC unroll 16
	for (i = 0; i < 8; i++)
		p[7 - i] = load(vrng_fips_bytes(planes, i * FIPS_EIGHTH) + at);
#pragma GCC unroll 16
	for (i = 0; i < 4; i++)
		EXCHANGE(p[7 - i], p[3 - i], 4, 0x0f0f0f0f0f0f0f0fULL);
#pragma GCC unroll 16
	for (i = 0; i < 8; i += 4) {
		EXCHANGE(p[7 - i], p[5 - i], 2, 0x3333333333333333ULL);
		EXCHANGE(p[6 - i], p[4 - i], 2, 0x3333333333333333ULL);
	}
#pragma GCC unroll 16
	for (i = 0; i < 8; i += 2)
		EXCHANGE(p[7 - i], p[6 - i], 1, 0x5555555555555555ULL);
}

/* Of each set of four planes, where all of its planes have ones. */
INLINE void add_nibbles(const V p[4], V sum[VRNG_FIPS_NIBBLES])
{
	const V upper = p[0] & p[1];
	const V lower = p[2] & p[3];

	sum[8] += count(p[0]);
	sum[4] += count(p[1]);
	sum[2] += count(p[2]);
	sum[1] += count(p[3]);
	sum[12] += count(upper);
	sum[10] += count(p[0] & p[2]);
	sum[9] += count(p[0] & p[3]);
	sum[6] += count(p[1] & p[2]);
	sum[5] += count(p[1] & p[3]);
	sum[3] += count(lower);
	sum[14] += count(upper & p[2]);
	sum[13] += count(upper & p[3]);
	sum[11] += count(p[0] & lower);
	sum[7] += count(p[1] & lower);
	sum[15] += count(upper & lower);
}

static void take_planes(struct fips_planes *planes, uint32_t *nibbles)
{
	size_t at = 0, i;
	V p[FIPS_PLANES];

	while (at < FIPS_EIGHTH) {
		V sum[VRNG_FIPS_NIBBLES] = { 0 };
		const size_t end = at + ROUND * sizeof(V);

		for (; at < end; at += sizeof(V)) {
			to_planes(planes, at, p);
#pragma GCC unroll 16
			for (i = 0; i < FIPS_PLANES; i++)
				store(planes->rows[i] + at, p[i]);
			add_nibbles(p, sum);
			add_nibbles(p + 4, sum);
		}
		for (i = 0; i < VRNG_FIPS_NIBBLES; i += 4)
			add_up(sum + i, nibbles + i);
	}
	vrng_fips_join(planes);
}

/* ------------------------------------------------------------------- runs */

/*
 * Runs that begin at one of eight places in a row, of @k bits or more: where
 * there is a change, and none at the @k - 1 places after it. No two of @k places
 * in a row can be such, so they need to be counted but once, and all of them
 * have the last of these places in them.
 */
INLINE void add_runs_of(size_t k, const V *x, const V *change, const V *changes,
			V *runs, V *ones)
{
	size_t from, s;

#pragma GCC unroll 16
	for (from = 0; from < 8; from += k) {
		const size_t end = from + k < 8 ? from + k : 8;
		V any = change[from] & ~changes[from + 1];

#pragma GCC unroll 16
		for (s = from + 1; s < end; s++)
			any = ADD_UNLESS(any, change[s], changes[s + 1]);
		*runs += count(any);
		*ones += count(any & x[from + k]);
	}
}

/*
 * x[] is of the planes, and those of a byte further on. Where x[s] and x[s + 1]
 * differ is change[s]; where there is any of it from s to s + k - 2, changes[s].
 * The last of these, for k one more than is counted, takes the planes' place.
 */
INLINE void add_runs(struct fips_planes *planes, size_t at, V *runs, V *ones)
{
	V x[FIPS_PLANES + 7], change[FIPS_PLANES + 6], changes[FIPS_PLANES + 1];
	size_t k, s;

#pragma GCC unroll 16
	for (s = 0; s < FIPS_PLANES; s++)
		x[s] = load(planes->rows[s] + at);
#pragma GCC unroll 16
	for (; s < FIPS_PLANES + 7; s++)
		x[s] = load(planes->rows[s - FIPS_PLANES] + at + 1);
#pragma GCC unroll 16
	for (s = 0; s < FIPS_PLANES + 6; s++)
		change[s] = x[s] ^ x[s + 1];
#pragma GCC unroll 16
	for (s = 1; s < FIPS_PLANES + 1; s++)
		changes[s] = change[s];
#pragma GCC unroll 16
	for (s = 0; s < FIPS_PLANES; s += 2) {
		/* From 0 to 1 here or at the next place, never at both. */
		const V any = ADD_UNLESS(x[s + 1] & ~x[s], x[s + 2], x[s + 1]);

		runs[1] += count(any);
	}
#pragma GCC unroll 16
	for (k = 2; k <= VRNG_FIPS_RUN_LENGTHS; k++) {
		add_runs_of(k, x, change, changes, runs + k, ones + k);
#pragma GCC unroll 16
		for (s = 1; s < FIPS_PLANES + 1; s++)
			changes[s] |= change[s + k - 1];
	}
#pragma GCC unroll 16
	for (s = 0; s < FIPS_PLANES; s++)
		store(planes->rows[s] + at, changes[s + 1]);
}

static void count_runs(struct fips_planes *planes, struct fips_counts *counts)
{
	size_t at = 0;

	while (at < FIPS_EIGHTH) {
		V runs[8] = { 0 };
		V ones[8] = { 0 };
		const size_t end = at + ROUND * sizeof(V);

		for (; at < end; at += sizeof(V))
			add_runs(planes, at, runs, ones);
		add_up(runs, counts->runs);
		add_up(runs + 4, counts->runs + 4);
		add_up(ones, counts->runs_of_ones);
		add_up(ones + 4, counts->runs_of_ones + 4);
	}
	vrng_fips_join(planes);
}

/* Not the padding's, nor what begins with it. */
static const uint8_t within[FIPS_EIGHTH] = {
	[0 ... FIPS_EIGHTH - FIPS_PAD_BYTES - 2] = 0xff,
	[FIPS_EIGHTH - FIPS_PAD_BYTES - 1 ... FIPS_EIGHTH - 1] = 0x7f,
};

/*
 * Where 7 bits are equal is in the rows, as zeros, each a place further on than
 * its number; two of these that overlap by two are FIPS_LONGISH.
 */
INLINE V find_longish(const struct fips_planes *planes, size_t at)
{
	V none = SPREAD(~0ULL);
	size_t s;

#pragma GCC unroll 16
	for (s = 0; s < 3; s++)
		none = AND_EITHER(none, load(planes->rows[s] + at),
				  load(planes->rows[s + 5] + at));
#pragma GCC unroll 16
	for (; s < FIPS_PLANES; s++)
		none = AND_EITHER(none, load(planes->rows[s] + at),
				  load(planes->rows[s - 3] + at + 1));
	return ~none & load(within + at);
}

static void follow_runs(const struct fips_planes *planes,
			struct fips_longest *longest)
{
	uint8_t found[sizeof(V)];
	size_t at;

	for (at = 0; at < FIPS_EIGHTH; at += sizeof(V)) {
		const V places = find_longish(planes, at);
		unsigned int words = nonzero(places);

		if (!words)
			continue;
		store(found, places);
		for (; words; words &= words - 1) {
			size_t n = 8 * (size_t)__builtin_ctz(words);

			vrng_fips_follow(planes, at + n, found + n, longest);
		}
	}
}

/* ------------------------------------------------------------------ block */

static void measure(const uint8_t *block, struct vrng_fips_stats *stats)
{
	struct fips_planes planes __attribute__((aligned(64)));
	struct fips_longest longest = { 0 };
	struct fips_counts counts = { 0 };

	vrng_fips_pad(&planes, block);
	stats->repeats = any_repeats(block) ? vrng_fips_repeats(block) : 0;
	take_planes(&planes, counts.nibbles);
	count_runs(&planes, &counts);
	follow_runs(&planes, &longest);
	vrng_fips_finish(&planes, &counts, &longest, stats);
}
