/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entropy for the requests of one guest, drawn from a shared source or from a
 * prefetch ring, and limited in rate. It never waits: if it has no bytes now, it
 * says when to ask again.
 *
 * Bytes lie in locked memory until they are taken, and are wiped then. At least
 * REQUEST_BUFFER_AHEAD bytes are drawn at a time, to serve many small requests.
 * What is left when a guest disconnects is for the next one: no guest has seen
 * it.
 *
 * After a VM fork, which fork_signs.h shows, what was drawn before is void: it is in
 * the clone, too. The caller asks after each copy, and copies anew if it is.
 *
 * One thread. Times are vrng_now()'s, in ns.
 */
#ifndef DEVICE_ENTROPY_REQUEST_BUFFER_H
#define DEVICE_ENTROPY_REQUEST_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/device/entropy/rate_limit.h"
#include "tests/device/entropy/total_limit.h"
#include "vrng/error.h"

#define REQUEST_BUFFER_AHEAD 4096 /* bytes drawn at a time, at least */
#define REQUEST_BUFFER_MAX   65536 /* bytes of one peek, at most */

struct fork_signs;
struct vrng_log;
struct shared_source;
struct prefetch_ring;

struct request_buffer {
	struct shared_source *shared; /* not owned; NULL: use @prefetch */
	struct prefetch_ring *prefetch; /* not owned */
	const struct fork_signs *signs; /* set by the owner; NULL: none */
	uint64_t tag; /* of @signs, when what is in @stock was drawn */
	uint64_t forks; /* how often @stock or @prefetch was dropped for one */
	struct rate_limit limit;
	struct total_limit *total; /* not owned; NULL: none */
	struct total_limit_place place; /* in @total */
	/* REQUEST_BUFFER_AHEAD + REQUEST_BUFFER_MAX bytes, locked. */
	unsigned char *stock;
	size_t at, end; /* the unused bytes in @stock */
	uint64_t again; /* after -EAGAIN: ask at this time, 0: at no time */
	int wait_fd; /* after -EAGAIN: or when this is readable; -1: none */
	bool limited; /* the last -EAGAIN was for a limit, not for the source */
	bool open; /* a guest is connected */
};

/*
 * Draw from @shared or, if that is NULL, from @prefetch. @max and @period_ns are
 * those of rate_limit_init(). @log gets a line if the memory cannot be locked.
 * Returns 0 or a negative errno.
 */
int request_buffer_init(struct request_buffer *buffer,
			struct shared_source *shared,
			struct prefetch_ring *prefetch, struct vrng_log *log,
			uint64_t max, uint64_t period_ns);

/* Obey @total, too. */
void request_buffer_share(struct request_buffer *buffer,
			  struct total_limit *total);

/* From now on @max bytes in each @period_ns; nothing changes if they are the same. */
void request_buffer_limit(struct request_buffer *buffer, uint64_t max,
			  uint64_t period_ns);

/* Close it, wipe and free its memory. */
void request_buffer_done(struct request_buffer *buffer);

/* A guest has begun to use the device, or has stopped. May be repeated. */
void request_buffer_open(struct request_buffer *buffer, uint64_t now);
void request_buffer_close(struct request_buffer *buffer);

/*
 * Look at up to @len (1 to REQUEST_BUFFER_MAX) bytes, without taking them.
 * Returns their number with *@bytes set, or -EAGAIN with @wait_fd and @again
 * set. The caller may change the bytes until it takes them, which it does before
 * the next call: a limit in total has counted them.
 */
ssize_t request_buffer_peek(struct request_buffer *buffer,
			    unsigned char **bytes, size_t len, uint64_t now);

/*
 * Was the machine forked since the bytes were drawn? Then all are wiped, and those that
 * were peeked at and copied must not be used.
 */
bool request_buffer_is_void(struct request_buffer *buffer);

/* Wipe the first @n of the bytes that were peeked at, and count them. */
void request_buffer_take(struct request_buffer *buffer, size_t n, uint64_t now);

#endif
