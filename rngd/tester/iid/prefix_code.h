/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lengths of a prefix code by Huffman, as bzip2 computes them. bzip2 has a
 * limit of 17 bits, which so few symbols do not reach.
 */
#ifndef RNGD_TESTER_IID_PREFIX_CODE_H
#define RNGD_TESTER_IID_PREFIX_CODE_H

#include <stdint.h>

#define VRNG_PREFIX_SYMBOLS 16u

/* Set the @lengths of @count symbols, 2 to VRNG_PREFIX_SYMBOLS, by their @uses. */
void vrng_prefix_code(uint8_t *lengths, const uint32_t *uses,
		      unsigned int count);

#endif
