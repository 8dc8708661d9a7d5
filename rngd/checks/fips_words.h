/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A block as 64-bit words, first bit topmost, and what the fast engines count
 * in it. 20,000 bits are 312.5 words; all are padded to 320, which any vector
 * divides, with the complement of the last bit. So the padding ends the last
 * run where the block does, and adds to the counts what is known beforehand.
 *
 * With ones[k] the number of places from which on k bits are ones, a run of
 * length L adds L - k + 1 to it if that is positive. So ones[k] - ones[k + 1]
 * is the number of runs of ones of length k or more. Zeros alike.
 */
#ifndef VRNG_CHECKS_FIPS_WORDS_H
#define VRNG_CHECKS_FIPS_WORDS_H

#include "vrng/fips.h"

#define FIPS_FULL_WORDS 312
#define FIPS_WORDS	313 /* the last of them half */
#define FIPS_PADDED	320
#define FIPS_PAD_BITS	(FIPS_PADDED * 64 - VRNG_FIPS_BLOCK_BITS)
#define FIPS_WINDOW	7 /* one more than the longest bin's runs */
#define FIPS_COUNTS	(FIPS_WINDOW + 1)

/* Eight more, for a vector that begins at the last word but one. */
struct fips_words {
	uint64_t bits[FIPS_PADDED + 8];
	/* Places from which on FIPS_WINDOW bits are equal. */
	uint64_t equal[FIPS_PADDED + 8];
};

/* Of all padded words. */
struct fips_counts {
	uint32_t nibbles[VRNG_FIPS_NIBBLES];
	uint32_t ones[FIPS_COUNTS]; /* [k], for k from 2 to FIPS_WINDOW */
	uint32_t zeros[FIPS_COUNTS];
	uint32_t repeats;
};

/* To be zero before the first word. */
struct fips_longest {
	uint32_t bits;
	size_t next; /* words before this one are done with */
};

/* Runs shorter than this are not looked for one by one. */
#define FIPS_LONGISH 12

/* Fill @words->bits from word FIPS_FULL_WORDS on. */
void vrng_fips_pad(struct fips_words *words,
		   const uint8_t block[VRNG_FIPS_BLOCK_BYTES]);

/* Take from @words->equal what the padding put there. */
void vrng_fips_trim(struct fips_words *words);

/* Look at the runs of FIPS_LONGISH bits or more that begin in word @n. */
void vrng_fips_follow(const struct fips_words *words, size_t n,
		      struct fips_longest *longest);

/* Everything counted: make statistics of it, and wipe @words. */
void vrng_fips_finish(struct fips_words *words,
		      const struct fips_counts *counts, uint32_t longest,
		      struct vrng_fips_stats *stats);

#endif
