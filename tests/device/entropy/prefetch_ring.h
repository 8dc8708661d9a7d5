/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prefetch ring: entropy read ahead for one consumer (a guest, or the clients of
 * an EGD server), in locked memory. One thread, the producer, fills it; another
 * thread, the consumer, draws from it. Bytes are wiped when they are drawn, so
 * that no byte is ever given out twice.
 *
 * Neither side waits here; each signals the other by an eventfd:
 *  - Filling signals @data, which the consumer watches.
 *  - Drawing signals @room, which the producer watches, but only if the producer
 *    asked for it and the level is down to half of the goal. So the producer is
 *    woken seldom, and then has much to fill.
 *
 * Barriers:
 *
 *  A  prefetch_fill(): store of @filled, release. Partner: the acquire in
 *     prefetch_level(), for the consumer.
 *  B  prefetch_drop(): store of @drawn, release, after the wipe. Partner: the
 *     acquire in prefetch_level(), for the producer, so that the wipe never hits
 *     new bytes.
 *  C  prefetch_ask() and tell_producer(): full barriers. The producer stores
 *     @asked, then loads @drawn and @goal; the consumer stores @drawn or @goal,
 *     then loads @asked. Without them each may miss the other's store, and the
 *     producer would wait for ever.
 *  D  prefetch_mark(): store of @tag, release, after @fresh_from. Partner: the
 *     acquire in prefetch_forget(), which thus never takes old bytes for fresh ones.
 */
#ifndef DEVICE_ENTROPY_PREFETCH_RING_H
#define DEVICE_ENTROPY_PREFETCH_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct vrng_log;

struct prefetch_ring {
	unsigned char *bytes; /* @size bytes of locked memory */
	size_t size; /* a power of two */
	uint64_t filled; /* bytes ever filled; the producer writes it */
	uint64_t drawn; /* bytes ever drawn; the consumer writes it */
	size_t goal; /* bytes to hold; 0: closed; the consumer writes it */
	/*
	 * Bytes from @fresh_from on were read when @tag was current, those before
	 * under another tag. The producer writes both.
	 */
	uint64_t tag;
	uint64_t fresh_from;
	bool asked; /* the producer wants a signal on @room */
	int data; /* eventfd, owned */
	int room; /* eventfd, not owned; rings may share one */
};

/*
 * A closed, empty ring of @size bytes, a power of two. @log gets a line if the
 * memory cannot be locked. Returns 0 or a negative errno.
 */
int prefetch_init(struct prefetch_ring *ring, size_t size, int room,
		  struct vrng_log *log);

/* Wipe and free it. A ring of zeros is allowed. */
void prefetch_done(struct prefetch_ring *ring);

/* ---- either side ---- */

/* Bytes in the ring. */
size_t prefetch_level(const struct prefetch_ring *ring);

/* ---- the producer ---- */

/* True if the consumer wants bytes at all (a goal > 0). */
bool prefetch_is_open(const struct prefetch_ring *ring);

/* Bytes missing to the goal. */
size_t prefetch_lack(const struct prefetch_ring *ring);

/*
 * Free space for up to @max bytes, in @part. Returns the number of pieces, 0 to
 * 2: two where the space wraps.
 */
int prefetch_room(const struct prefetch_ring *ring, struct iovec part[2],
		  size_t max);

/*
 * What is filled from here on was read when @tag was current (fork_signs.h). Call it
 * before the bytes are read.
 */
void prefetch_mark(struct prefetch_ring *ring, uint64_t tag);

/* The first @n bytes of that space are filled. Signals @data, even for 0. */
void prefetch_fill(struct prefetch_ring *ring, size_t n);

/* Wipe the first @n bytes of that space: they are not to be served. */
void prefetch_wipe(const struct iovec part[2], size_t n);

/*
 * Ask for a signal on @room once the level is down to half of the goal. Returns
 * true if it is already: look again, as there may be no signal.
 */
bool prefetch_ask(struct prefetch_ring *ring);

/* ---- the consumer ---- */

/*
 * Set the goal: how many bytes to hold, at most the ring's size; 0 closes the
 * ring. Opening and closing signal @room in any case. Bytes in the ring stay.
 */
void prefetch_want(struct prefetch_ring *ring, size_t goal);

/* Reset @data. Call it before looking at the ring, not after. */
void prefetch_hear(const struct prefetch_ring *ring);

/*
 * The oldest bytes, up to @max of them, in @part. Returns the number of pieces, 0
 * to 2.
 */
int prefetch_front(const struct prefetch_ring *ring, struct iovec part[2],
		   size_t max);

/* Wipe and remove the oldest @n bytes. */
void prefetch_drop(struct prefetch_ring *ring, size_t n);

/* Drop all that was not read under @tag. Returns the number of bytes. */
size_t prefetch_forget(struct prefetch_ring *ring, uint64_t tag);

/*
 * Move up to @len bytes into @buf and reset @data. Returns their number; after
 * 0, wait for @data.
 */
size_t prefetch_draw(struct prefetch_ring *ring, void *buf, size_t len);

#endif
