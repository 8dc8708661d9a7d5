/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A column, moved to front: for each character how many others came since it came
 * last, where runs of none are written as numbers.
 */
#ifndef RNGD_TESTER_IID_FRONT_H
#define RNGD_TESTER_IID_FRONT_H

#include <stddef.h>
#include <stdint.h>

/* How many symbols a column of @len characters may take, and what is written beyond. */
#define VRNG_FRONT_ROOM(len) ((len) + 64)

/*
 * Write the symbols of @column: 0 and 1 are the digits 1 and 2 of a run's length,
 * the lowest first; n + 1 is a character since which n others came. The number of
 * characters and 1 ends them. @chars are the characters that occur, as bits: at
 * most 15 of 0 to 14. Returns the number of symbols.
 */
size_t vrng_front_write(const uint8_t *column, size_t len, unsigned int chars,
			uint8_t *symbols);

#endif
