/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sorts the rotations of a block that begin with a word, by the words: as one
 * word never begins another, that is the order of their texts.
 *
 * Fifty-six bits of words' codes are enough to sort those of a permutation, and
 * a radix sort is fast on them. Where samples are too much alike for that, as few
 * permutations are, sorting gives up.
 */
#ifndef RNGD_TESTER_IID_ROTATIONS_H
#define RNGD_TESTER_IID_ROTATIONS_H

#include "rngd/tester/iid/block.h"

struct vrng_rotation;

/* Memory to sort in. */
struct vrng_rotations {
	size_t room; /* words */
	struct vrng_rotation *list;
	struct vrng_rotation *spare;
	uint16_t *ranks; /* of the words, in the order of the block */
	uint8_t *codes; /* of the words, without gaps between their bits */
	unsigned int code_bits; /* of each */
	uint32_t *half; /* sorted by half of the first bits */
	uint32_t *order; /* the result: index of the first word, least first */
	size_t count;
	size_t patience; /* words to be compared before it gives up */
};

/* For blocks of up to @words. 0 or -ENOMEM; the caller frees in either case. */
int vrng_rotations_init(struct vrng_rotations *rotations, size_t words);
void vrng_rotations_free(struct vrng_rotations *rotations);

/* Sort into @rotations->order. Returns false if it gave up. */
bool vrng_rotations_sort(struct vrng_rotations *rotations,
			 const struct vrng_block *block);

#endif
