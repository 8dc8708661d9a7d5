/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A block as bit planes, and what the fast engines count in them.
 *
 * The block's 2,500 bytes are padded to eight eighths of 320, which any vector
 * divides. Byte i of plane p has bit p of byte i of each eighth: of eighth v at
 * place v, 0 being the lowest; p is 0 for the topmost bit of a byte, which is
 * the first. So bits that follow one another in the block are at the same place
 * of vectors that follow one another, and nothing needs to be shifted; after
 * plane 7 comes plane 0 from one byte further on.
 *
 * The padding makes a circle of the block, in which runs end where they do in
 * the block: it begins with the complement of the last bit and ends with a byte
 * of the complement of the first. What it adds to the counts is known.
 */
#ifndef RNGD_CHECKS_FIPS_PLANES_H
#define RNGD_CHECKS_FIPS_PLANES_H

#include "vrng/fips.h"

#define FIPS_PLANES    8
#define FIPS_EIGHTH    320 /* bytes */
#define FIPS_PAD_BYTES (8 * FIPS_EIGHTH - VRNG_FIPS_BLOCK_BYTES)

/* Bytes of a plane, with room for a vector that begins at the second one. */
#define FIPS_ROW (FIPS_EIGHTH + 64)

/* Runs shorter than this are not looked for one by one. */
#define FIPS_LONGISH 12

struct fips_planes {
	uint8_t rows[FIPS_PLANES][FIPS_ROW];
	uint8_t tail[FIPS_EIGHTH]; /* the last eighth, padded */
	const uint8_t *block;
};

/* In the block and its padding. Tables of eight, for they are added by fours. */
struct fips_counts {
	/* [set]: nibbles in which the bits of set, at least, are ones */
	uint32_t nibbles[VRNG_FIPS_NIBBLES];
	/* [k]: runs of k bits or more; [1] is of runs of ones only */
	uint32_t runs[8];
	/* [k]: those of ones among them, from 2 on */
	uint32_t runs_of_ones[8];
};

/* To be zero before the first. */
struct fips_longest {
	uint32_t bits;
	size_t ends[8]; /* in each eighth, where the last one followed does */
};

/* Begin with @block, which has to stay: its padding. The planes are to come. */
void vrng_fips_pad(struct fips_planes *planes,
		   const uint8_t block[VRNG_FIPS_BLOCK_BYTES]);

/*
 * The block from byte @n on, padded, to the end of the eighth that it is in, and
 * so far beyond it as a word reaches.
 */
static inline const uint8_t *vrng_fips_bytes(const struct fips_planes *planes,
					     size_t n)
{
	return n < 7 * FIPS_EIGHTH ? planes->block + n :
				     planes->tail + (n - 7 * FIPS_EIGHTH);
}

/* Byte FIPS_EIGHTH of each row: each eighth goes on with the next one's first. */
void vrng_fips_join(struct fips_planes *planes);

/* How many 32-bit words of @block equal the one before? */
uint32_t vrng_fips_repeats(const uint8_t block[VRNG_FIPS_BLOCK_BYTES]);

/*
 * Measure runs that go through the first bit of a byte and begin in the byte
 * before: @found is 8 bytes of a plane, from byte @n on, and has ones at those
 * before. A run that begins still further ahead is measured from there.
 */
void vrng_fips_follow(const struct fips_planes *planes, size_t n,
		      const uint8_t found[8], struct fips_longest *longest);

/*
 * All but @stats->repeats, from @counts, and @longest, which is of all runs of
 * FIPS_LONGISH bits or more, except if there is but one of just so many, and the
 * block begins with it. Wipes @planes.
 */
void vrng_fips_finish(struct fips_planes *planes,
		      const struct fips_counts *counts,
		      const struct fips_longest *longest,
		      struct vrng_fips_stats *stats);

#endif
