/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A limit on bytes that knows no bursts: no window of one period, wherever it
 * begins, carries more than the limit.
 *
 * A token bucket cannot promise that: it lets through what it saved up and then
 * what flows in. Here a period's bytes are cut into slices. A slice is opened
 * when (a) its turn has come, slices being spread evenly over the period, and
 * (b) a full period has passed since the last byte of the slice that was opened
 * a period's count of slices before. By (b) no window of one period can touch
 * more slices than make up the limit.
 *
 * Pure: time is an argument, in nanoseconds of a clock that never goes back.
 */
#ifndef DEVICE_ENTROPY_RATE_LIMIT_H
#define DEVICE_ENTROPY_RATE_LIMIT_H

#include <stddef.h>
#include <stdint.h>

#define RATE_LIMIT_SLICES   64 /* the most a period is cut into */
#define RATE_LIMIT_SLICE_NS 4000000 /* and no shorter than this: timers cost */

struct rate_limit {
	uint64_t max; /* bytes in a period; 0: no limit */
	uint64_t period; /* ns */
	uint64_t turn; /* when the next slice's turn is */
	int64_t left; /* bytes of the open slice not taken yet, less what is owed */
	uint64_t opened; /* slices opened so far */
	uint64_t last[RATE_LIMIT_SLICES]; /* when a byte of each was last taken */
	unsigned int slices;
};

/* @max bytes in each @period_ns (> 0); @max of 0 is no limit. */
void rate_limit_init(struct rate_limit *l, uint64_t max, uint64_t period_ns);

/* How many of @want bytes may be taken at @now. */
size_t rate_limit_allow(struct rate_limit *l, uint64_t now, size_t want);

/*
 * @n bytes were taken at @now. Those beyond what was just allowed are of the next
 * slices: a window may then carry as many more than the limit.
 */
void rate_limit_take(struct rate_limit *l, uint64_t now, size_t n);

/* When there will be more, after rate_limit_allow() gave 0. */
uint64_t rate_limit_when(const struct rate_limit *l);

#endif
