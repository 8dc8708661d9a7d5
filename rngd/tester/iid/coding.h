/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many bits bzip2 takes for the last column of a block: moved to front, with
 * runs of zeros as numbers, and coded by up to six tables of prefix codes, of
 * which each fifty symbols use one.
 */
#ifndef RNGD_TESTER_IID_CODING_H
#define RNGD_TESTER_IID_CODING_H

#include <stddef.h>
#include <stdint.h>

#define VRNG_SYMBOLS 16u /* at most 13 are used: 11 characters give so many */

/* How often each symbol comes in fifty. */
struct vrng_group {
	uint8_t counts[VRNG_SYMBOLS];
};

/* Memory for the groups of one block. */
struct vrng_coding {
	size_t room; /* groups */
	size_t len; /* characters */
	uint8_t *symbols;
	struct vrng_group *groups;
	uint8_t *tables; /* by group */
};

/* For columns of up to @len. 0 or -ENOMEM; the caller frees in either case. */
int vrng_coding_init(struct vrng_coding *coding, size_t len);
void vrng_coding_free(struct vrng_coding *coding);

/*
 * Returns the bits of a block of @len, 1 or more, from its head to the end of its
 * symbols. @chars are the characters that occur in @column.
 */
size_t vrng_coding_bits(struct vrng_coding *coding, const uint8_t *column,
			size_t len, unsigned int chars);

#endif
