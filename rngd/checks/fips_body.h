/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The code of a fast engine, for vectors of any width. An engine's file defines
 * its vectors and then includes this one, once. All functions are static.
 *
 * The file defines
 *
 *	V			the vector type: 1, 2, 4 or 8 64-bit words, with
 *				C's operators
 *	V load(p)		loads from any address
 *	void store(p, v)	stores to any address
 *	SPREAD(word)		a vector with @word in each place
 *	V count(v)		counts ones, in a form that + adds up
 *	V widen(sum)		turns a sum of counts, up to 255 a byte, into a
 *				number in each word
 *	uint64_t across(v)	the sum of the words of @v
 *	unsigned nonzero(v)	bit n is set if word n of @v is not 0
 *
 * and, where the processor has instructions of three operands, any of
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

/*
 * Arrays of vectors are kept in registers if every index is a constant, so
 * functions are inlined and loops unrolled.
 */
#define INLINE static inline __attribute__((always_inline))

#include "rngd/checks/fips_longest.h"

/*
 * Vectors of a plane that are counted before the counts are added up. A vector
 * adds at most four counts of up to 8 ones for each byte: 160 in a round, less
 * than the 255 that widen() takes.
 */
#define ROUND 5

_Static_assert(FIPS_EIGHTH % (ROUND * sizeof(V)) == 0, "all rounds are alike");

/*
 * Add four sums to their totals. A sum is at most the number of bits, 20,480,
 * so the four are added up side by side in 16 bits each.
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
 * Returns whether two consecutive 32-bit words may be equal: false is certain.
 * The 624 pairs of neighbours fill whole vectors. A word of changed that is
 * zero gets its top bit set in zero; a borrow may also set that of the word
 * beside it.
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
 * One step of a transposition: exchanges the bits of @a outside @mask with the
 * bits of @b that are @k places lower.
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

/* Transpose a vector's bytes of each eighth, from byte @at on, to planes. */
INLINE void to_planes(const struct fips_planes *planes, size_t at,
		      V p[FIPS_PLANES])
{
	size_t i;

	/* Reversed, since plane 7 is that of the lowest bits. */
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

/*
 * For each set of a nibble's four planes, count the places where all planes of
 * the set have ones. Bit 3 of a set's number stands for p[0], bit 0 for p[3].
 */
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
 * Count the runs of @k bits or more that begin at one of eight consecutive
 * bits: after a change that is followed by @k - 1 places without one. At most
 * one of @k consecutive bits begins such a run, so a group of @k places is
 * counted in one step. All runs of a group contain bit from + @k, which tells
 * their value.
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
 * Count the runs of a vector's bytes, from byte @at on. x[] holds the planes,
 * then those of the following byte. change[s] marks where x[s] and x[s + 1]
 * differ; changes[s] marks a change anywhere from s to s + k - 2. The last
 * changes, for k = 7, replace the planes, for find_longish().
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
		/* Changes from 0 to 1, at s or s + 1, never at both. */
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

/*
 * Places where a run may pass into the next byte within the block. The last
 * eighth ends before the block's last byte, which the padding follows.
 */
static const uint8_t within[FIPS_EIGHTH] = {
	[0 ... FIPS_EIGHTH - FIPS_PAD_BYTES - 2] = 0xff,
	[FIPS_EIGHTH - FIPS_PAD_BYTES - 1 ... FIPS_EIGHTH - 1] = 0x7f,
};

/*
 * Find the bytes where FIPS_LONGISH equal bits begin at one of the bits 1 to 8,
 * bit 8 being the first of the next byte. After count_runs(), a zero in row s
 * means that the 7 bits from s + 1 on are equal. Two such zeros, 5 places
 * apart, overlap by two bits and make 12.
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

/* Find the places of all bytes. Returns how many there are. */
static uint64_t find_places(const struct fips_planes *planes,
			    uint8_t found[FIPS_EIGHTH])
{
	V sum = SPREAD(0);
	size_t at;

	for (at = 0; at < FIPS_EIGHTH; at += sizeof(V)) {
		const V places = find_longish(planes, at);

		store(found + at, places);
		sum += widen(count(places));
	}
	return across(sum);
}

/*
 * Returns the length of the longest run. If there are few places where long
 * runs begin, as in a good block, they are followed one by one.
 */
static uint32_t find_longest(const struct fips_planes *planes)
{
	struct fips_longest longest = { 0 };
	uint8_t found[FIPS_EIGHTH];
	uint64_t places = find_places(planes, found);
	unsigned int words;
	size_t at, n;

	if (!places || places > FIPS_PLACES_MAX)
		return measure_longest(planes);
	for (at = 0; at < FIPS_EIGHTH; at += sizeof(V)) {
		words = nonzero(load(found + at));
		for (; words; words &= words - 1) {
			n = at + 8 * (size_t)__builtin_ctz(words);
			vrng_fips_follow(planes, n, found + n, &longest);
		}
	}
	return longest.bits;
}

/* ------------------------------------------------------------------ block */

static void measure(const uint8_t *block, struct vrng_fips_stats *stats)
{
	struct fips_planes planes __attribute__((aligned(64)));
	struct fips_counts counts = { 0 };

	vrng_fips_pad(&planes, block);
	stats->repeats = any_repeats(block) ? vrng_fips_repeats(block) : 0;
	take_planes(&planes, counts.nibbles);
	count_runs(&planes, &counts);
	stats->longest = find_longest(&planes);
	vrng_fips_finish(&planes, &counts, stats);
}
