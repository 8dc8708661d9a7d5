/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A piece of 64 bytes of /dev/hwrng as pieces keeps it in its memory, where
 * pieces_shared finds it in a dump of the guest. None crosses a page.
 */
#ifndef GUEST_PIECES_H
#define GUEST_PIECES_H

#include <stdint.h>
#include <string.h>

#define PIECE_SIZE  64u
#define PIECE_MAGIC 0x7365636569705a00ull /* or-ed with the last byte, 0x5a */
#define PIECE_LAST  0x5au

struct piece {
	uint64_t magic;
	uint32_t reader;
	uint32_t unused;
	uint64_t number; /* of this reader, from 1 */
	uint64_t check; /* 0 while the piece is written */
	unsigned char bytes[PIECE_SIZE];
	unsigned char spare[32]; /* a page holds a whole number of them */
};

_Static_assert(sizeof(struct piece) == 128, "a piece fits a page evenly");

/* FNV-1a of all that tells a piece from a torn one. Never 0. */
static inline uint64_t piece_check(const struct piece *piece)
{
	uint64_t hash =
		0xcbf29ce484222325ull ^ piece->reader ^ piece->number << 8;
	unsigned int i;

	for (i = 0; i < PIECE_SIZE; i++)
		hash = (hash ^ piece->bytes[i]) * 0x100000001b3ull;
	return hash | 1;
}

/* Not a constant of the program's file, which a dump has, too. */
static inline uint64_t piece_magic(void)
{
	const volatile uint64_t last = PIECE_LAST;

	return PIECE_MAGIC | last;
}

#endif
