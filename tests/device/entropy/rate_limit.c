// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "tests/device/entropy/rate_limit.h"

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* As many slices as fit: none too short, each of at least one byte. */
void rate_limit_init(struct rate_limit *limit, uint64_t max, uint64_t period_ns)
{
	uint64_t n =
		smaller(period_ns / RATE_LIMIT_SLICE_NS, RATE_LIMIT_SLICES);

	memset(limit, 0, sizeof(*limit));
	n = smaller(n, max);
	limit->max = max;
	limit->period = period_ns;
	limit->slices = n ? (unsigned int)n : 1;
}

/*
 * Bytes of a period that slices 0 to @i - 1 carry together: @max for all slices,
 * without a rounding error.
 */
static uint64_t slice_end(const struct rate_limit *limit, uint64_t i)
{
	return limit->max / limit->slices * i +
	       limit->max % limit->slices * i / limit->slices;
}

/* When the last byte of the open slice was taken. */
static uint64_t *slice_last(struct rate_limit *limit)
{
	return &limit->last[(limit->opened - 1) % limit->slices];
}

uint64_t rate_limit_when(const struct rate_limit *limit)
{
	uint64_t free;

	if (limit->opened < limit->slices)
		return limit->turn;
	free = limit->last[limit->opened % limit->slices] + limit->period;
	return free > limit->turn ? free : limit->turn;
}

/*
 * Open the next slice. A late timer (by less than a slice) does not move the
 * turns; turns that were missed altogether are not made up for.
 */
static void slice_open(struct rate_limit *limit, uint64_t now)
{
	uint64_t i = limit->opened++ % limit->slices;
	uint64_t step = limit->period / limit->slices;

	limit->left += (int64_t)(slice_end(limit, i + 1) - slice_end(limit, i));
	limit->turn =
		now - limit->turn < step ? limit->turn + step : now + step;
	*slice_last(limit) = now;
}

size_t rate_limit_allow(struct rate_limit *limit, uint64_t now, size_t want)
{
	if (!limit->max)
		return want;
	if (limit->left <= 0 && rate_limit_when(limit) <= now)
		slice_open(limit, now);
	return limit->left > 0 ? (size_t)smaller((uint64_t)limit->left, want) :
				 0;
}

void rate_limit_take(struct rate_limit *limit, uint64_t now, size_t n)
{
	if (!limit->max || !n)
		return;
	limit->left -= (int64_t)n;
	*slice_last(limit) = now;
}
