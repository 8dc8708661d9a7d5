/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds blocks that have come before, from any source and at any alignment: from a
 * program that prints the same bytes at each start, a peer that replays, a file
 * that is read in a loop.
 *
 * Windows of each block are hashed, and the hashes of recent windows are kept. A
 * window begins at the first byte of a block, and at each place that has the lowest
 * value of VRNG_RECENT_SPAN places in a row, by a keyed function of the next 8 bytes
 * (winnowing: Schleimer, Wilkerson, Aiken 2003). The bytes alone decide, so two
 * blocks that have as many bytes in common as a span and a window together have a
 * window in common, wherever they hold these bytes.
 *
 * Of raw noise 8 bytes may hold few bits, so that few places or none have a low value.
 * Then only the window at the first byte is left, and a repeat is found at the
 * alignment that it had before.
 *
 * The hashes are 64 bits of AES-CMAC with a key that is drawn when this is made.
 * They stay in locked memory. Nothing is written to a disk: after a restart a
 * repeat of what came before it is not found.
 *
 * Any thread may call it.
 */
#ifndef RNGD_CHECKS_RECENT_H
#define RNGD_CHECKS_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrng/error.h"

struct vrng_log;
struct vrng_recent;

/* Places in a row of which one begins a window. */
#define VRNG_RECENT_SPAN 1024

/*
 * Hashes that are kept: of about 2,800 blocks, or 7 MB, with 6 windows a block. Biased
 * blocks have up to VRNG_RECENT_WINDOWS, so that 1,400 to 2,200 of them are kept.
 */
#define VRNG_RECENT_KEPT 16384

/* Windows of one block, at most. */
#define VRNG_RECENT_WINDOWS 16

/* Bytes. The first half is AES's key, the second one chooses the places. */
#define VRNG_RECENT_KEY 32

/*
 * Bits of entropy in a window, at least: two windows are equal by chance once in so
 * many powers of two.
 */
#define VRNG_RECENT_BITS 256

/*
 * The shortest window, in bytes. All claims of 1 bit a byte or more use it. Windows
 * of different lengths never compare equal: with one length for each claim, bytes
 * that come again under another claim would not be found.
 */
#define VRNG_RECENT_SHORTEST 256

/*
 * @key: VRNG_RECENT_KEY bytes, or NULL for random ones. vrng_crypto_init() must
 * have been called. -ENOMEM, or -EIO if libgcrypt fails. @log may be NULL.
 */
int vrng_recent_make(struct vrng_recent **recent, const uint8_t *key,
		     struct vrng_log *log, struct vrng_error *error);

/*
 * The length of a window, in bytes, for blocks of @len bytes with @entropy
 * thousandths of a bit each: VRNG_RECENT_SHORTEST, doubled until it has
 * VRNG_RECENT_BITS bits, or the whole block. @entropy 0 counts as 8 bits.
 */
size_t vrng_recent_window(size_t len, unsigned int entropy);

/*
 * Has a window of the @len bytes at @block come before, in them or in another
 * block? All of its windows are kept. @window: 8 to @len.
 */
bool vrng_recent_seen(struct vrng_recent *recent, const uint8_t *block,
		      size_t len, size_t window);

/* NULL is allowed. */
void vrng_recent_free(struct vrng_recent *recent);

#endif
