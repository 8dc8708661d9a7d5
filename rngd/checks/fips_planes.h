/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A block as bit planes, and what the fast engines count in them.
 *
 * The block's 2,500 bytes are padded to eight eighths of 320 bytes, a multiple
 * of every vector size. Byte i of plane p holds bit p of byte i of each eighth:
 * place v (0 is the lowest) is that of eighth v. Plane 0 is that of the most
 * significant bit of a byte, which is the first. So consecutive bits of the
 * block are at the same place of consecutive vectors, and nothing needs to be
 * shifted. After plane 7 comes plane 0, one byte further on.
 *
 * The padding closes the block to a circle, without changing its runs: it
 * begins with the complement of the last bit and ends with a byte of the
 * complement of the first bit. What it adds to the counts is known and
 * subtracted.
 *
 * A block takes one struct fips_planes, which the calling thread owns.
 */
#ifndef RNGD_CHECKS_FIPS_PLANES_H
#define RNGD_CHECKS_FIPS_PLANES_H

#include "vrng/fips.h"

#define FIPS_PLANES    8
#define FIPS_EIGHTH    320 /* bytes */
#define FIPS_PAD_BYTES (8 * FIPS_EIGHTH - VRNG_FIPS_BLOCK_BYTES)

/* Bytes of a plane, with room for a vector that is loaded from byte 1 on. */
#define FIPS_ROW (FIPS_EIGHTH + 64)

/* Bits; only runs of this length or more are measured one by one. */
#define FIPS_LONGISH 12

/*
 * The most places of a block that are followed one by one. A good block has
 * about ten.
 */
#define FIPS_PLACES_MAX 64

struct fips_planes {
	uint8_t rows[FIPS_PLANES][FIPS_ROW];
	uint8_t tail[FIPS_EIGHTH]; /* the last eighth, padded */
	const uint8_t *block;
};

/*
 * Counts over the block and its padding. The tables have eight entries because
 * they are added up by fours.
 */
struct fips_counts {
	/* [set]: nibbles in which at least the bits of set are ones */
	uint32_t nibbles[VRNG_FIPS_NIBBLES];
	/* [k]: runs of k bits or more; [1]: runs of ones only */
	uint32_t runs[8];
	/* [k], k >= 2: runs of k ones or more */
	uint32_t runs_of_ones[8];
};

/* All zeros at the start of a block. */
struct fips_longest {
	uint32_t bits; /* of the longest run so far */
	size_t ends[8]; /* for each eighth: the bit where its last run ended */
};

/*
 * Begin with @block, which must stay valid: make its padding. The caller fills
 * the planes.
 */
void vrng_fips_pad(struct fips_planes *planes,
		   const uint8_t block[VRNG_FIPS_BLOCK_BYTES]);

/*
 * Returns the padded block from byte @n on. The bytes are valid to the end of
 * the eighth that @n lies in, and for the seven bytes beyond it unless that is
 * the last eighth.
 */
static inline const uint8_t *vrng_fips_bytes(const struct fips_planes *planes,
					     size_t n)
{
	return n < 7 * FIPS_EIGHTH ? planes->block + n :
				     planes->tail + (n - 7 * FIPS_EIGHTH);
}

/* Set byte FIPS_EIGHTH of each row: byte 0 of the eighth that follows each. */
void vrng_fips_join(struct fips_planes *planes);

/* Returns how many 32-bit words of @block equal the word before. */
uint32_t vrng_fips_repeats(const uint8_t block[VRNG_FIPS_BLOCK_BYTES]);

/*
 * Measure runs that pass from one byte into the next. @found holds 8 bytes in
 * the shape of a plane, from byte @n on; ones mark the bytes before such a
 * pass. A run is measured where it first occurs, and not again in the same
 * eighth.
 *
 * The calls for a block cover all runs of FIPS_LONGISH bits or more, except one
 * of exactly FIPS_LONGISH bits at the start of the block; longest->bits is 0 if
 * none was met.
 */
void vrng_fips_follow(const struct fips_planes *planes, size_t n,
		      const uint8_t found[8], struct fips_longest *longest);

/* Fill @stats, except repeats and longest, from @counts; wipe @planes. */
void vrng_fips_finish(struct fips_planes *planes,
		      const struct fips_counts *counts,
		      struct vrng_fips_stats *stats);

#endif
