/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rate limit without bursts: no window of one period, wherever it begins,
 * carries more bytes than the limit.
 *
 * A token bucket does not hold that: it passes what it has saved, and then what
 * flows in. Here the bytes of a period are divided into slices. A slice is
 * opened when (a) its turn has come (the slices' turns are evenly spread over
 * the period) and (b) one period has passed since the last byte of the slice
 * that was opened one period's number of slices earlier. By (b), a window of
 * one period cannot touch more slices than make up the limit.
 *
 * Pure functions: the time is an argument, in ns of a monotonic clock.
 */
#ifndef DEVICE_ENTROPY_RATE_LIMIT_H
#define DEVICE_ENTROPY_RATE_LIMIT_H

#include <stddef.h>
#include <stdint.h>

#define RATE_LIMIT_SLICES 64 /* of a period, at most */
/* A slice's share of the period, at least: each costs a timer. 4 ms. */
#define RATE_LIMIT_SLICE_NS 4000000

struct rate_limit {
	uint64_t max; /* bytes in a period; 0: no limit */
	uint64_t period; /* ns */
	uint64_t turn; /* ns: turn of the next slice */
	/* Bytes left in the open slice; negative: taken from the next ones. */
	int64_t left;
	uint64_t opened; /* slices opened so far */
	/* ns: when the last byte of each of the latest slices was taken */
	uint64_t last[RATE_LIMIT_SLICES];
	unsigned int slices; /* in a period */
};

/* Allow @max bytes in each @period_ns (> 0); @max 0: no limit. */
void rate_limit_init(struct rate_limit *limit, uint64_t max,
		     uint64_t period_ns);

/* How many of @want bytes may be taken at @now. */
size_t rate_limit_allow(struct rate_limit *limit, uint64_t now, size_t want);

/*
 * Record that @n bytes were taken at @now. Bytes beyond what rate_limit_allow()
 * returned are deducted from the next slices; a window may then carry as many
 * bytes more than the limit.
 */
void rate_limit_take(struct rate_limit *limit, uint64_t now, size_t n);

/* After rate_limit_allow() returned 0: the time to ask again. */
uint64_t rate_limit_when(const struct rate_limit *limit);

#endif
