// SPDX-License-Identifier: GPL-2.0-or-later
/* The part of the fast engines that uses no vectors: see fips_planes.h. */
#include <endian.h>
#include <string.h>

#include "rngd/checks/fips_planes.h"

static unsigned int first_bit(const uint8_t *block)
{
	return block[0] >> 7;
}

static unsigned int last_bit(const uint8_t *block)
{
	return block[VRNG_FIPS_BLOCK_BYTES - 1] & 1;
}

void vrng_fips_pad(struct fips_planes *planes,
		   const uint8_t block[VRNG_FIPS_BLOCK_BYTES])
{
	const size_t have = FIPS_EIGHTH - FIPS_PAD_BYTES;
	size_t i;

	planes->block = block;
	/* In pieces of a constant size: gcc then avoids "rep movs". */
	for (i = 0; i < have; i += 20)
		memcpy(planes->tail + i, block + 7 * FIPS_EIGHTH + i, 20);
	memset(planes->tail + have, last_bit(block) ? 0 : 0xff,
	       FIPS_PAD_BYTES - 1);
	planes->tail[FIPS_EIGHTH - 1] = first_bit(block) ? 0 : 0xff;
}

void vrng_fips_join(struct fips_planes *planes)
{
	size_t p;

	for (p = 0; p < FIPS_PLANES; p++) {
		uint8_t *row = planes->rows[p];

		row[FIPS_EIGHTH] = (uint8_t)(row[0] >> 1 | row[0] << 7);
	}
}

/* Two loads for each word, so that gcc makes vectors of the loop. */
uint32_t vrng_fips_repeats(const uint8_t block[VRNG_FIPS_BLOCK_BYTES])
{
	uint32_t repeats = 0, last, word;
	size_t i;

	for (i = 0; i < VRNG_FIPS_BLOCK_BYTES / sizeof(word) - 1; i++) {
		memcpy(&last, block + i * sizeof(word), sizeof(last));
		memcpy(&word, block + (i + 1) * sizeof(word), sizeof(word));
		repeats += word == last;
	}
	return repeats;
}

/* ------------------------------------------------------------ longest run */

/* Returns 64 bits from byte @n on, the first one most significant. */
static uint64_t word_at(const struct fips_planes *planes, size_t n)
{
	uint64_t word;

	memcpy(&word, vrng_fips_bytes(planes, n), sizeof(word));
	return be64toh(word);
}

/*
 * Returns the length of the run of @flip's bits (all zeros or all ones) from
 * byte @n on. It ends at the padding at the latest.
 */
static uint32_t length_from(const struct fips_planes *planes, size_t n,
			    uint64_t flip)
{
	uint64_t other = word_at(planes, n) ^ flip;
	uint32_t length = 0;

	while (!other) {
		length += 64;
		n += 8;
		other = word_at(planes, n) ^ flip;
	}
	return length + (uint32_t)__builtin_clzll(other);
}

/*
 * Measure the run through the first bit of byte @n + 1, as far back as byte @n.
 * *@end is the bit where the last measured run ended; that run is not measured
 * again.
 */
static void follow_one(const struct fips_planes *planes, size_t n, size_t *end,
		       struct fips_longest *longest)
{
	uint64_t flip;
	uint32_t back, length;

	if ((n + 1) * 8 < *end)
		return;
	flip = *vrng_fips_bytes(planes, n + 1) & 0x80 ? ~0ULL : 0;
	back = *vrng_fips_bytes(planes, n) ^ (uint8_t)flip;
	length = length_from(planes, n + 1, flip);
	*end = (n + 1) * 8 + length;
	length += (uint32_t)__builtin_ctz(back | 0x100);
	if (length > longest->bits)
		longest->bits = length;
}

void vrng_fips_follow(const struct fips_planes *planes, size_t n,
		      const uint8_t found[8], struct fips_longest *longest)
{
	uint64_t word;

	memcpy(&word, found, sizeof(word));
	for (word = le64toh(word); word; word &= word - 1) {
		unsigned int bit = (unsigned int)__builtin_ctzll(word);
		unsigned int eighth = bit % 8;

		follow_one(planes, eighth * FIPS_EIGHTH + n + bit / 8,
			   &longest->ends[eighth], longest);
	}
}

/* ------------------------------------------------------------- statistics */

/*
 * Turn counts of nibbles that contain a set of ones into counts of nibbles that
 * equal it, by inclusion and exclusion.
 */
static void finish_nibbles(const struct fips_counts *counts, uint32_t *nibbles)
{
	uint32_t *f = nibbles;
	size_t i;

	memcpy(nibbles, counts->nibbles, sizeof(counts->nibbles));
	nibbles[0] = 8 * FIPS_EIGHTH * 2;
	for (i = 0; i < 8; i++)
		f[i] -= f[i + 8];
	for (i = 0; i < 4; i++) {
		f[i] -= f[i + 4];
		f[i + 8] -= f[i + 12];
	}
	for (i = 0; i < 16; i += 4) {
		f[i] -= f[i + 2];
		f[i + 1] -= f[i + 3];
		f[i] -= f[i + 1];
		f[i + 2] -= f[i + 3];
	}
}

static uint32_t sum_of_squares(const uint32_t *nibbles)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < VRNG_FIPS_NIBBLES; i++)
		sum += nibbles[i] * nibbles[i];
	return sum;
}

/* The padding makes a circle, with as many runs of zeros as runs of ones. */
static void finish_runs(const struct fips_counts *counts, uint32_t runs[2][6])
{
	const uint32_t *all = counts->runs;
	const uint32_t *ones = counts->runs_of_ones;
	size_t k;

	runs[1][0] = all[1] - ones[2];
	runs[0][0] = all[1] - (all[2] - ones[2]);
	for (k = 2; k < VRNG_FIPS_RUN_LENGTHS; k++) {
		runs[1][k - 1] = ones[k] - ones[k + 1];
		runs[0][k - 1] = all[k] - all[k + 1] - runs[1][k - 1];
	}
	runs[1][k - 1] = ones[k];
	runs[0][k - 1] = all[k] - ones[k];
}

/*
 * Subtract the padding: one run, or two if its two values differ. Each of its
 * nibbles is 0 or 15.
 */
static void take_off_padding(const uint8_t *block,
			     struct vrng_fips_stats *stats)
{
	const unsigned int begin = !last_bit(block);
	const unsigned int end = !first_bit(block);

	stats->ones -= begin * 8 * (FIPS_PAD_BYTES - 1) + end * 8;
	stats->nibbles[begin ? 15 : 0] -= 2 * (FIPS_PAD_BYTES - 1);
	stats->nibbles[end ? 15 : 0] -= 2;
	stats->runs[begin][VRNG_FIPS_RUN_LENGTHS - 1]--;
	if (begin != end)
		stats->runs[end][VRNG_FIPS_RUN_LENGTHS - 1]--;
}

void vrng_fips_finish(struct fips_planes *planes,
		      const struct fips_counts *counts,
		      struct vrng_fips_stats *stats)
{
	stats->ones = counts->nibbles[1] + counts->nibbles[2] +
		      counts->nibbles[4] + counts->nibbles[8];
	finish_nibbles(counts, stats->nibbles);
	finish_runs(counts, stats->runs);
	take_off_padding(planes->block, stats);
	stats->poker = sum_of_squares(stats->nibbles);
	explicit_bzero(planes, sizeof(*planes));
}
