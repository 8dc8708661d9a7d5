/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A block of text that bzip2 compresses, as words. bzip2 sorts the rotations of
 * a block: the end of its text goes on at the begin. What is left there of words
 * that the blocks divide makes one more word, the seam, which may be of any
 * number, or a lone space.
 */
#ifndef RNGD_TESTER_IID_BLOCK_H
#define RNGD_TESTER_IID_BLOCK_H

#include <stddef.h>

#include "rngd/tester/iid/words.h"

struct vrng_block {
	const struct vrng_words *words;
	const uint8_t *samples; /* the words that are whole */
	size_t count;
	struct vrng_word seam; /* after them and before them; length 0: none */
};

/* Returns the number of words, with the seam. The seam's index is the last. */
static inline size_t vrng_block_words(const struct vrng_block *block)
{
	return block->count + (block->seam.len != 0);
}

#endif
