/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks to order, for tests: random bits from a seed, and bits by number. */
#ifndef VRNG_UNIT_BITS_H
#define VRNG_UNIT_BITS_H

#include <stddef.h>
#include <stdint.h>

/* xorshift64*: a stream that is the same on every machine. */
static inline uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

/* Bit @n, from each byte's topmost on. */
static inline void set_bit(uint8_t *block, size_t n, unsigned int bit)
{
	uint8_t mask = (uint8_t)(0x80 >> n % 8);

	if (bit)
		block[n / 8] |= mask;
	else
		block[n / 8] &= (uint8_t)~mask;
}

#endif
