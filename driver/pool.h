/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The read-ahead pool: a fixed set of buffers that travel in a circle.
 *
 *	      post()             filled()            take()
 *	IDLE --------> POSTED ------------> READY -----------> open
 *	  ^   the device's   | refused,       in order of       |  the reader's
 *	  |                  | stale, empty   completion        |
 *	  +------------------+----------------------------------+
 *	                                                  release()
 *
 * The pool knows neither virtqueues nor hwrng nor time: its owner tells it the
 * time and serialises the calls. One buffer at a time may be open; it belongs
 * to the reader alone until released, so that handing out bytes needs no more
 * than the reader's own lock.
 *
 * A buffer's bytes are wiped as they are handed out, and whatever is dropped
 * is wiped then and there: an IDLE buffer holds zeros, always. No byte is
 * handed out twice.
 *
 * Each buffer carries the generation in which it was posted. discard() begins
 * a new one: what was asked for before is never served, even if the device
 * delivers it later.
 */
#ifndef VRNG_POOL_H
#define VRNG_POOL_H

#include <vrng/health.h>

#include "buf.h"

/*
 * The smallest request, and what is kept at rest: as much as the in-tree
 * driver asks for at a time (SMP_CACHE_BYTES), so that a slow host answers
 * the first reader as early.
 */
#define VRNG_REQUEST_MIN 64u

/*
 * Answers without a byte that can be used: so many are taken up at once, then
 * one request in so many ms. An empty or failing host costs no more than that.
 */
#define VRNG_BARREN_MAX 4u
#define VRNG_BARREN_MS	10u

/* Requests further apart than this are not one reader's stream (ms). */
#define VRNG_STREAM_GAP_MS 100u

#define VRNG_DEPTH_MAX	     64u
#define VRNG_BUFFER_SIZE_MAX 65536u

struct vrng_buf_list {
	struct vrng_buf *head;
	struct vrng_buf *tail;
	u32 count;
};

/* Counters since the pool began; all in bytes but requests. */
struct vrng_pool_stats {
	u64 requests; /* buffers posted */
	u64 received; /* bytes the device delivered */
	u64 read; /* bytes handed out, of buffers released so far */
	u64 discarded; /* bytes delivered and never handed out */
	u64 overlong; /* completions that claimed more than was asked */
	u64 empty; /* completions without a byte */
	u64 withheld; /* of the discarded, for the health tests' sake */
};

struct vrng_pool {
	struct vrng_buf *bufs;
	u32 depth; /* buffers, 1 to VRNG_DEPTH_MAX */
	u32 buffer_size; /* bytes each, from VRNG_REQUEST_MIN up */
	u32 window; /* bytes to keep posted or ready ahead of the reader */
	u32 posted; /* buffers with the device, of any generation */
	u32 posted_bytes; /* asked in this generation, not yet answered */
	u32 ready_bytes; /* unread in the ready list */
	u32 used_up; /* bytes the reader took since the window changed */
	u32 barren; /* answers in a row that nothing came of */
	u32 generation;
	bool health_on;
	struct vrng_health health;
	u64 batch_ms; /* when the last batch was posted */
	struct vrng_buf_list idle;
	struct vrng_buf_list ready;
	struct vrng_pool_stats stats;
};

/*
 * Begin with @depth buffers in @bufs; each one's data must point to
 * @buffer_size zeroed bytes. The memory stays the caller's.
 */
void vrng_pool_init(struct vrng_pool *pool, struct vrng_buf *bufs, u32 depth,
		    u32 buffer_size);

/*
 * Is it time to ask for more? True when half of the window has been used up
 * and can be asked for in one batch: a kick costs an exit from the guest.
 * The window doubles while it is a reader that uses it up and batches follow
 * one another within VRNG_STREAM_GAP_MS, as file read-ahead does; after a
 * longer gap it begins again at VRNG_REQUEST_MIN. When true, call
 * vrng_pool_post() until it gives NULL.
 */
bool vrng_pool_wants(struct vrng_pool *pool, u64 now_ms);

/* The next buffer to post, its asked bytes set, or NULL: the window is full. */
struct vrng_buf *vrng_pool_post(struct vrng_pool *pool, u64 now_ms);

/* The queue did not take @buf: it is idle again, nothing was asked. */
void vrng_pool_unpost(struct vrng_pool *pool, struct vrng_buf *buf);

/* How long until vrng_pool_wants() may say yes to a barren host, in ms. */
u64 vrng_pool_pause(const struct vrng_pool *pool, u64 now_ms);

/*
 * The device answered @buf and claims to have written @used bytes. This is
 * where a length from the device is clamped, once, and where the health tests
 * look at what came. False if it lied about the length.
 */
bool vrng_pool_filled(struct vrng_pool *pool, struct vrng_buf *buf, u32 used);

/* The device gave @buf back unanswered (reset): idle again. */
void vrng_pool_abandon(struct vrng_pool *pool, struct vrng_buf *buf);

/* Open the oldest ready buffer, or NULL. */
struct vrng_buf *vrng_pool_take(struct vrng_pool *pool);

/* The reader is done with an open @buf; what is unread in it is dropped. */
void vrng_pool_release(struct vrng_pool *pool, struct vrng_buf *buf);

/* Drop what is ready and was posted more than @max_age_ms ago. */
void vrng_pool_expire(struct vrng_pool *pool, u64 now_ms, u64 max_age_ms);

/* Drop what is ready beyond the first @keep bytes; the window starts anew. */
void vrng_pool_trim(struct vrng_pool *pool, u32 keep);

/* Drop what is ready, and what is still to come of what was posted. */
void vrng_pool_discard(struct vrng_pool *pool);

#endif
