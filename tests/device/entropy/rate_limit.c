// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "tests/device/entropy/rate_limit.h"

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* As many slices as are not too short, and each of at least one byte. */
void rate_limit_init(struct rate_limit *l, uint64_t max, uint64_t period_ns)
{
	uint64_t n =
		smaller(period_ns / RATE_LIMIT_SLICE_NS, RATE_LIMIT_SLICES);

	memset(l, 0, sizeof(*l));
	n = smaller(n, max);
	l->max = max;
	l->period = period_ns;
	l->slices = n ? (unsigned int)n : 1;
}

/* Where slice @i of a period ends; the last one ends at the limit exactly. */
static uint64_t slice_end(const struct rate_limit *l, uint64_t i)
{
	return l->max / l->slices * i + l->max % l->slices * i / l->slices;
}

static uint64_t *slice_last(struct rate_limit *l)
{
	return &l->last[(l->opened - 1) % l->slices];
}

uint64_t rate_limit_when(const struct rate_limit *l)
{
	uint64_t free;

	if (l->opened < l->slices)
		return l->turn;
	free = l->last[l->opened % l->slices] + l->period;
	return free > l->turn ? free : l->turn;
}

/* A turn that was missed is not made up for, but for the timer's lateness. */
static void slice_open(struct rate_limit *l, uint64_t now)
{
	uint64_t i = l->opened++ % l->slices;
	uint64_t step = l->period / l->slices;

	l->left += (int64_t)(slice_end(l, i + 1) - slice_end(l, i));
	l->turn = now - l->turn < step ? l->turn + step : now + step;
	*slice_last(l) = now;
}

size_t rate_limit_allow(struct rate_limit *l, uint64_t now, size_t want)
{
	if (!l->max)
		return want;
	if (l->left <= 0 && rate_limit_when(l) <= now)
		slice_open(l, now);
	return l->left > 0 ? (size_t)smaller((uint64_t)l->left, want) : 0;
}

void rate_limit_take(struct rate_limit *l, uint64_t now, size_t n)
{
	if (!l->max || !n)
		return;
	l->left -= (int64_t)n;
	*slice_last(l) = now;
}
