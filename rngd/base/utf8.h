/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from outside, such as a path, as valid UTF-8: JSON and the formats of
 * metrics allow nothing else.
 */
#ifndef RNGD_BASE_UTF8_H
#define RNGD_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* A piece: a character, or a byte that is part of none, as "\xHH". */
#define VRNG_UTF8_PIECE 5

/*
 * Copy the first piece of @text, which is not empty, to @piece, with a final zero.
 * Returns the bytes of @text that it stands for.
 */
size_t vrng_utf8_piece(char piece[VRNG_UTF8_PIECE], const char *text);

/* Are the pieces of both the same? "\xff" and a byte 0xff are. */
bool vrng_utf8_is_same(const char *a, const char *b);

#endif
