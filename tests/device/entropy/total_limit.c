// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/device/entropy/total_limit.h"

void total_limit_init(struct total_limit *total)
{
	*total = (struct total_limit){ .lock = PTHREAD_MUTEX_INITIALIZER };
}

void total_limit_set(struct total_limit *total, uint64_t max,
		     uint64_t period_ns)
{
	pthread_mutex_lock(&total->lock);
	if (max != total->limit.max || period_ns != total->limit.period) {
		rate_limit_init(&total->limit, max, period_ns);
		total->next = 0;
		__atomic_store_n(&total->max, max, __ATOMIC_RELAXED);
	}
	pthread_mutex_unlock(&total->lock);
}

uint64_t total_limit_max(const struct total_limit *total)
{
	return __atomic_load_n(&total->max, __ATOMIC_RELAXED);
}

/* A turn is as long as a slice. Who does not come to its turn loses it. */
static void next_turn(struct total_limit *total, uint64_t now)
{
	if (now < total->next)
		return;
	total->turn++;
	total->next = now + total->limit.period / total->limit.slices;
	total->expected = total->coming;
	total->coming = 0;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* What the guest at @place may take of @have bytes. */
static size_t share_of(struct total_limit *total,
		       const struct total_limit_place *place, size_t have)
{
	size_t share;

	if (place->turn != total->turn)
		return total->expected ? 0 : have;
	share = have / total->expected--;
	return !share && have ? 1 : share;
}

static void wait_for_turn(struct total_limit *total,
			  struct total_limit_place *place, uint64_t *when)
{
	const uint64_t free = rate_limit_when(&total->limit);

	if (place->turn != total->turn + 1)
		total->coming++;
	place->turn = total->turn + 1;
	*when = total->limit.left <= 0 && free > total->next ? free :
							       total->next;
}

static size_t take(struct total_limit *total, struct total_limit_place *place,
		   uint64_t now, size_t want, uint64_t *when)
{
	size_t n;

	next_turn(total, now);
	n = rate_limit_allow(&total->limit, now, SIZE_MAX);
	n = smaller(want, share_of(total, place, n));
	if (!n) {
		wait_for_turn(total, place, when);
		return 0;
	}
	place->turn = 0;
	rate_limit_take(&total->limit, now, n);
	return n;
}

size_t total_limit_take(struct total_limit *total,
			struct total_limit_place *place, uint64_t now,
			size_t want, uint64_t *when)
{
	size_t n = want;

	if (!total_limit_max(total))
		return want;
	pthread_mutex_lock(&total->lock);
	if (total->limit.max)
		n = take(total, place, now, want, when);
	pthread_mutex_unlock(&total->lock);
	return n;
}
