/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The read-ahead pool: a fixed set of buffers, each in one of four states.
 *
 *	      post()             filled()            take()
 *	IDLE --------> POSTED ------------> READY -----------> open
 *	  ^   the device's   | refused,       in order of       |  the reader's
 *	  |                  | stale, empty   completion        |
 *	  +------------------+----------------------------------+
 *	                                                  release()
 *
 * Its owner may replace all buffers by others: vrng_pool_replace(). Old ones that
 * are in use then are strays; they leave the pool instead of becoming idle.
 *
 * The pool knows neither virtqueues nor hwrng nor time. Its owner passes the
 * time and serialises all calls, vrng_buf_read() of an open buffer included.
 * One buffer at a time may be open.
 *
 * Bytes are wiped as they are handed out or dropped: an IDLE buffer holds
 * zeros. No byte is handed out twice.
 *
 * Each buffer has the generation in which it was posted. discard() begins a new
 * generation: answers to older requests are dropped as they arrive.
 */
#ifndef VRNG_POOL_H
#define VRNG_POOL_H

#include <vrng/health.h>

#include "buf.h"

/*
 * Bytes of the smallest request, and what is kept at rest. The in-tree driver
 * asks for as many (SMP_CACHE_BYTES), so a slow host answers as early.
 */
#define VRNG_REQUEST_MIN 64u

/*
 * A barren answer brings no byte that can be used. After VRNG_BARREN_MAX of them
 * in a row, one batch is posted every VRNG_BARREN_MS.
 */
#define VRNG_BARREN_MAX 4u
#define VRNG_BARREN_MS	10u

/* Requests further apart than this are not one reader's stream (ms). */
#define VRNG_STREAM_GAP_MS 100u

/*
 * Bytes to wipe in one go, as the owner may have interrupts off. A pool of the
 * default size has no more.
 */
#define VRNG_WIPE_BYTES 65536u

#define VRNG_DEPTH_MAX	     64u
#define VRNG_BUFFER_SIZE_MAX 65536u

struct vrng_buf_list {
	struct vrng_buf *head;
	struct vrng_buf *tail;
	u32 count;
};

/* Counters since vrng_pool_init(). */
struct vrng_pool_stats {
	u64 requests; /* buffers posted */
	u64 received; /* bytes the device delivered */
	u64 read; /* bytes handed out, of buffers released so far */
	u64 discarded; /* bytes delivered and never handed out */
	u64 overlong; /* answers that claimed more than was asked */
	u64 empty; /* answers without a byte */
	u64 withheld; /* bytes discarded because a health test failed */
};

struct vrng_pool {
	struct vrng_buf *bufs;
	u32 depth; /* buffers, 0 to VRNG_DEPTH_MAX */
	u32 buffer_size; /* bytes each, from VRNG_REQUEST_MIN up */
	u32 lost; /* buffers in bufs that must not be used again */
	u32 strays; /* replaced buffers that are still in use */
	bool outgrown; /* a reader has used up what the buffers hold */
	u32 window; /* bytes to keep posted, ready or open */
	struct vrng_buf *open; /* the buffer that was taken, or NULL */
	u32 posted; /* buffers with the device, of any generation */
	u32 posted_bytes; /* asked in this generation, not yet answered */
	u32 ready_bytes; /* unread in the ready list */
	u32 used_up; /* bytes of buffers that a reader opened since the window changed */
	u32 barren; /* barren answers in a row */
	u32 generation;
	bool health_on;
	struct vrng_health health;
	u64 batch_ms; /* when the last batch was posted */
	struct vrng_buf_list idle;
	struct vrng_buf_list ready;
	struct vrng_buf_list doomed; /* dropped, and yet to be wiped */
	struct vrng_pool_stats stats;
};

/*
 * Begin with @depth buffers in @bufs. The data of each must point to
 * @buffer_size zeroed bytes. The caller keeps ownership of the memory.
 */
void vrng_pool_init(struct vrng_pool *pool, struct vrng_buf *bufs, u32 depth,
		    u32 buffer_size);

/*
 * Take @depth buffers in @bufs in place of the present ones, as in vrng_pool_init().
 * What the present ones hold or were posted for is used as before. Once there
 * are no strays, the pool knows none of the present ones any more.
 */
void vrng_pool_replace(struct vrng_pool *pool, struct vrng_buf *bufs, u32 depth,
		       u32 buffer_size);

/*
 * Is it time to ask for more? True when three quarters of the window have been
 * used up and half of it can be asked for in one batch, as each kick costs an
 * exit from the guest. Doubles the window if a reader used it up and the last
 * batch was posted within VRNG_STREAM_GAP_MS, as file read-ahead does. After a
 * longer gap the window begins again at VRNG_REQUEST_MIN. If true, call
 * vrng_pool_post() until it returns NULL.
 */
bool vrng_pool_wants(struct vrng_pool *pool, u64 now_ms);

/* The next buffer to post, with asked set, or NULL if the window is full. */
struct vrng_buf *vrng_pool_post(struct vrng_pool *pool, u64 now_ms);

/* The queue refused @buf: make it idle again, and count no request. */
void vrng_pool_unpost(struct vrng_pool *pool, struct vrng_buf *buf);

/* Bytes that are posted, ready or open and unread. */
u32 vrng_pool_ahead(const struct vrng_pool *pool);

/* How long vrng_pool_wants() is false because of barren answers, in ms. */
u64 vrng_pool_pause(const struct vrng_pool *pool, u64 now_ms);

/*
 * The device answered @buf and claims to have written @used bytes. Clamps the
 * length, and runs the health tests. False if @used was more than was asked.
 */
bool vrng_pool_filled(struct vrng_pool *pool, struct vrng_buf *buf, u32 used);

/* @buf was taken back unanswered after a reset: wipe it, make it idle. */
void vrng_pool_abandon(struct vrng_pool *pool, struct vrng_buf *buf);

/* @buf was posted and cannot be taken back: wipe it, and never use it again. */
void vrng_pool_lose(struct vrng_pool *pool, struct vrng_buf *buf);

/* Open the oldest ready buffer, or NULL. */
struct vrng_buf *vrng_pool_take(struct vrng_pool *pool);

/* Make an open @buf idle; what is unread in it is dropped, and was not used up. */
void vrng_pool_release(struct vrng_pool *pool, struct vrng_buf *buf);

/*
 * The next three functions wipe what they drop, up to VRNG_WIPE_BYTES and one buffer.
 * vrng_pool_wipe() goes on; no other function touches what is doomed.
 */
void vrng_pool_wipe(struct vrng_pool *pool);

/* Drop what is ready and counts as older than @max_age_ms. It was not used up. */
void vrng_pool_expire(struct vrng_pool *pool, u64 now_ms, u64 max_age_ms);

/* Drop all but the first @keep ready bytes, and reset the window. */
void vrng_pool_trim(struct vrng_pool *pool, u32 keep);

/* Drop what is ready now, and what is posted as it arrives. */
void vrng_pool_discard(struct vrng_pool *pool);

#endif
