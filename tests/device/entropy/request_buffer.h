/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one guest is fed with: bytes of a supply, or of a tank that is filled
 * ahead, limited in rate, and never waiting. What it cannot give now it says
 * when to ask for again.
 *
 * The bytes at hand lie in locked memory until they are taken, and are wiped
 * there. Small requests are drawn for together. What is left when a guest goes
 * is for the next one: nobody has seen it.
 *
 * One thread. Times are vrng_now()'s.
 */
#ifndef DEVICE_ENTROPY_REQUEST_BUFFER_H
#define DEVICE_ENTROPY_REQUEST_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/device/entropy/rate_limit.h"
#include "vrng/error.h"

#define REQUEST_BUFFER_AHEAD 4096 /* bytes drawn at least */
#define REQUEST_BUFFER_MAX   65536 /* bytes asked for at most */

struct vrng_log;
struct shared_source;
struct prefetch_ring;

struct request_buffer {
	struct shared_source *shared; /* not owned; NULL: there is ... */
	struct prefetch_ring *prefetch; /* not owned */
	struct rate_limit limit;
	unsigned char *
		stock; /* REQUEST_BUFFER_AHEAD + REQUEST_BUFFER_MAX bytes, locked */
	size_t at, end; /* of those at hand */
	uint64_t again; /* when to ask again, after -EAGAIN; 0: never */
	int wait_fd; /* or which descriptor tells, or -1 */
	bool open;
};

/*
 * From @shared or, if that is NULL, from @prefetch. @max and @period_ns are as for
 * rate_limit_init(). 0 or a negative errno.
 */
int request_buffer_init(struct request_buffer *buffer,
			struct shared_source *shared,
			struct prefetch_ring *prefetch, struct vrng_log *log,
			uint64_t max, uint64_t period_ns);
void request_buffer_done(struct request_buffer *buffer);

/* There is a guest, or none any more. */
void request_buffer_open(struct request_buffer *buffer, uint64_t now);
void request_buffer_close(struct request_buffer *buffer);

/*
 * Up to @len (at most REQUEST_BUFFER_MAX) bytes at *@bytes, the caller's to change until
 * it takes them: their number, or -EAGAIN with @wait_fd and @again set.
 */
ssize_t request_buffer_peek(struct request_buffer *buffer,
			    unsigned char **bytes, size_t len, uint64_t now);

/* @n of those are used up. */
void request_buffer_take(struct request_buffer *buffer, size_t n, uint64_t now);

#endif
