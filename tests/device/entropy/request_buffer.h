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
 * One thread. Times are loop_now()'s.
 */
#ifndef DEVICE_FEED_H
#define DEVICE_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/device/entropy/rate_limit.h"
#include "vrng/error.h"

#define FEED_AHEAD 4096 /* bytes drawn at least */
#define FEED_MAX   65536 /* bytes asked for at most */

struct say;
struct supply;
struct tank;

struct feed {
	struct supply *supply; /* not owned; NULL: there is ... */
	struct tank *tank; /* not owned */
	struct limit limit;
	unsigned char *stock; /* FEED_AHEAD + FEED_MAX bytes, locked */
	size_t at, end; /* of those at hand */
	uint64_t again; /* when to ask again, after -EAGAIN; 0: never */
	int wait_fd; /* or which descriptor tells, or -1 */
	bool open;
};

/*
 * From @supply or, if that is NULL, from @tank. @max and @period_ns are as for
 * limit_init(). 0 or a negative errno.
 */
int feed_init(struct feed *feed, struct supply *supply, struct tank *tank,
	      const struct say *say, uint64_t max, uint64_t period_ns);
void feed_done(struct feed *feed);

/* There is a guest, or none any more. */
void feed_open(struct feed *feed, uint64_t now);
void feed_close(struct feed *feed);

/*
 * Up to @len (at most FEED_MAX) bytes at *@bytes, the caller's to change until
 * it takes them: their number, or -EAGAIN with @wait_fd and @again set.
 */
ssize_t feed_peek(struct feed *feed, unsigned char **bytes, size_t len,
		  uint64_t now);

/* @n of those are used up. */
void feed_take(struct feed *feed, size_t n, uint64_t now);

#endif
