/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last column of the sorted rotations of a block: the characters before each
 * rotation, which is what the transform of Burrows and Wheeler makes of it.
 */
#ifndef RNGD_TESTER_IID_COLUMN_H
#define RNGD_TESTER_IID_COLUMN_H

#include "rngd/tester/iid/block.h"

#define VRNG_CHARS 11u /* the space is 0, and the digits are 1 to 10 */

/*
 * Write the last column to @column, which has room for the @len characters of the
 * block and one more. @order is that of the rotations that begin with a word.
 * Returns the characters that occur, as bits.
 */
unsigned int vrng_column_fill(const struct vrng_block *block, size_t len,
			      const uint32_t *order, uint8_t *column);

#endif
