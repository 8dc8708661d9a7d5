/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rate limit for all guests together. No window of one period carries more bytes
 * (rate_limit.h), and guests that want more than there is take turns, with equal
 * shares, so that a greedy guest leaves the others theirs.
 *
 * Any thread may call. Times are vrng_now()'s, in ns.
 */
#ifndef DEVICE_ENTROPY_TOTAL_LIMIT_H
#define DEVICE_ENTROPY_TOTAL_LIMIT_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/device/entropy/rate_limit.h"

struct total_limit {
	pthread_mutex_t lock; /* protects what follows */
	struct rate_limit limit;
	uint64_t max; /* of @limit; atomic, so that no limit costs no lock */
	uint64_t turn; /* number of the current turn, from 1 */
	uint64_t next; /* when the next one begins */
	unsigned int expected; /* guests that wait for a share of this turn */
	unsigned int coming; /* guests that wait for one of the next turn */
};

/* One guest. Zeros at first. */
struct total_limit_place {
	uint64_t turn; /* for which it waits; 0: none */
};

/* No limit. */
void total_limit_init(struct total_limit *total);

/* From now on @max bytes in each @period_ns (> 0); @max 0: no limit. */
void total_limit_set(struct total_limit *total, uint64_t max,
		     uint64_t period_ns);

/* Bytes in a period, 0: no limit. */
uint64_t total_limit_max(const struct total_limit *total);

/*
 * Take up to @want bytes (> 0), and count them. Returns their number, or 0 with
 * the time to ask again in *@when.
 */
size_t total_limit_take(struct total_limit *total,
			struct total_limit_place *place, uint64_t now,
			size_t want, uint64_t *when);

#endif
