/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random bytes kept for later: a ring in memory that is locked, left out of
 * core dumps and not inherited by children. What is taken is wiped there.
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
	size_t head; /* where the first byte is */
	size_t used;
};

/*
 * Room for @size (> 0) bytes. -ENOMEM, -EPERM where so much may not be locked
 * (RLIMIT_MEMLOCK).
 */
int vrng_store_open(struct vrng_store *store, size_t size);
void vrng_store_close(struct vrng_store *store);

/* Where the next bytes go: one or two pieces, of at most @max bytes in all. */
int vrng_store_room(const struct vrng_store *store, size_t max,
		    struct iovec room[2]);

/* @n bytes were put there. */
void vrng_store_added(struct vrng_store *store, size_t n);

/* Where the first @max bytes are, or as many as there are: in 0 to 2 pieces. */
int vrng_store_front(const struct vrng_store *store, size_t max,
		     struct iovec front[2]);

/* Wipe the first @n bytes, which somebody has. */
void vrng_store_drop(struct vrng_store *store, size_t n);

/* Up to @len bytes out of it, into @buf: their number. */
size_t vrng_store_take(struct vrng_store *store, void *buf, size_t len);

#endif
