/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring buffer for random bytes, in memory that is locked, left out of core
 * dumps and not inherited by children. Bytes that are taken out are wiped.
 */
#ifndef RNGD_SOURCES_STORE_H
#define RNGD_SOURCES_STORE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct vrng_store {
	uint8_t *at; /* NULL while closed */
	size_t size; /* bytes */
	size_t head; /* offset of the first byte */
	size_t used; /* bytes */
};

/*
 * Allocate @size > 0 bytes. -ENOMEM, or -EPERM if RLIMIT_MEMLOCK does not let
 * them be locked.
 */
int vrng_store_open(struct vrng_store *store, size_t size);

/* Wipe and free. Does nothing to a closed one. */
void vrng_store_close(struct vrng_store *store);

/*
 * The free space, at most @max bytes of it, as one or two pieces. Returns their
 * number.
 */
int vrng_store_room(const struct vrng_store *store, size_t max,
		    struct iovec room[2]);

/* Count @n bytes that were written to the free space. */
void vrng_store_added(struct vrng_store *store, size_t n);

/* Move up to @len bytes to @buf, and wipe them here. Returns their number. */
size_t vrng_store_take(struct vrng_store *store, void *buf, size_t len);

#endif
