/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes ahead of those who want them, one guest or the clients of an EGD server:
 * a ring in locked memory that one thread fills and another draws from. What is
 * drawn is wiped in the ring, so that no byte can come out of it twice.
 *
 * Neither side ever waits in here. Filling rings @data; drawing rings @room
 * when the filler has asked for that and half of what is wanted has been used
 * up, so that it is called seldom and then for much.
 *
 *  A  prefetch_fill(): store @filled, release. Partner: prefetch_front()'s acquire.
 *  B  prefetch_drop(): store @drawn, release, after the wipe. Partner:
 *     prefetch_level()'s acquire, so that nothing is filled in before it is wiped.
 *  C  prefetch_ask() and prefetch_drop(), or prefetch_want(): full, between one's store of
 *     @asked and load of @drawn and @goal, and the other's store of one of these
 *     and load of @asked. Without it both may miss the other's, and the filler
 *     waits for ever.
 */
#ifndef DEVICE_ENTROPY_PREFETCH_RING_H
#define DEVICE_ENTROPY_PREFETCH_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct vrng_log;

struct prefetch_ring {
	unsigned char *ring;
	size_t size; /* bytes, a power of two */
	uint64_t filled; /* by the filler, in all */
	uint64_t drawn; /* by the drawer, in all */
	size_t goal; /* by the drawer: so many are wanted; 0: it is closed */
	bool asked; /* ring @room when half of that is used up */
	int data; /* eventfd, the tank's own */
	int room; /* eventfd, not owned: may be shared by many */
};

/* 0 or a negative errno. */
int prefetch_init(struct prefetch_ring *prefetch, size_t size, int room,
		  struct vrng_log *log);
void prefetch_done(struct prefetch_ring *prefetch);

/* ---- either ---- */

/* Bytes in it. */
size_t prefetch_level(const struct prefetch_ring *prefetch);

/* ---- the filler ---- */

bool prefetch_is_open(const struct prefetch_ring *prefetch);
/* How many bytes less there are than are wanted. */
size_t prefetch_lack(const struct prefetch_ring *prefetch);
/* Where up to @max bytes may be put: segments of @part, and how many. */
int prefetch_room(const struct prefetch_ring *prefetch, struct iovec part[2],
		  size_t max);
/* @n bytes were put there. */
void prefetch_fill(struct prefetch_ring *prefetch, size_t n);
/* Ring @room when more are wanted. True: they are by now; look again. */
bool prefetch_ask(struct prefetch_ring *prefetch);

/* ---- the drawer ---- */

/*
 * So many bytes (at most the tank's size) are to be at hand, or with 0 none any
 * more. Opening and closing ring @room in any case. Those that are in it stay.
 */
void prefetch_want(struct prefetch_ring *prefetch, size_t goal);
/* Take what @data has told. To be called before the look that it told to take. */
void prefetch_hear(const struct prefetch_ring *prefetch);
/* The first @max bytes, or as many as there are: in 0 to 2 pieces. */
int prefetch_front(const struct prefetch_ring *prefetch, struct iovec part[2],
		   size_t max);
/* The first @n bytes are used up, and wiped. */
void prefetch_drop(struct prefetch_ring *prefetch, size_t n);
/* Up to @len bytes into @buf: how many. After 0, wait with @data. */
size_t prefetch_draw(struct prefetch_ring *prefetch, void *buf, size_t len);

#endif
