/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source as a device wants it: opened while a guest is there, limited in
 * rate, taken up again after failures, and never waiting. What it cannot give
 * now it says when to ask for again.
 *
 * One thread. Times are loop_now()'s.
 */
#ifndef DEVICE_FEED_H
#define DEVICE_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/device/limit.h"
#include "tests/device/say.h"

#define FEED_POLL_NS	 10000000ULL /* for sources that cannot be polled */
#define FEED_BACKOFF_NS	 100000000ULL /* after the first failure */
#define FEED_BACKOFF_MAX 10000000000ULL /* doubling up to here */

struct supply;

struct feed {
	struct supply *supply; /* not owned */
	const struct say *say;
	struct limit limit;
	uint64_t backoff; /* ns; 0: nothing has failed */
	uint64_t again; /* when to ask again, after -EAGAIN */
	int wait_fd; /* or which descriptor tells, or -1 */
	bool uses; /* the supply */
};

/* @max and @period_ns are as for limit_init(). */
void feed_init(struct feed *feed, struct supply *supply, const struct say *say,
	       uint64_t max, uint64_t period_ns);

/* Open the source; if that fails it is said, and tried again when drawn on. */
void feed_open(struct feed *feed, uint64_t now);
void feed_close(struct feed *feed);

/*
 * Up to @len bytes into @buf: their number, or -EAGAIN with @feed->wait_fd and
 * @feed->again set. A source that has failed is -EAGAIN too: its end, its
 * failure and its return are said, one line each.
 */
ssize_t feed_draw(struct feed *feed, void *buf, size_t len, uint64_t now);

#endif
