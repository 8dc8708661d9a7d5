// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/device/egd-server/prefetch.h"

static void limit_start(struct egd_prefetch *pool, uint64_t max,
			uint64_t period_ns)
{
	pool->in_pieces = max && max < EGD_PREFETCH_WHOLE;
	pool->beyond = max && !pool->in_pieces ? EGD_PREFETCH_WHOLE - 1 : 0;
	rate_limit_init(&pool->limit, max - pool->beyond, period_ns);
}

int egd_prefetch_init(struct egd_prefetch *pool,
		      const struct egd_prefetch_setup *setup,
		      struct vrng_error *error)
{
	int err;

	*pool = (struct egd_prefetch){
		.refill = { .shared = setup->shared,
			    .process = setup->process },
	};
	pool->refill.prefetch = &pool->prefetch;
	limit_start(pool, setup->max_bytes, setup->period_ns);
	pool->room = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (pool->room < 0)
		return vrng_fail(error, errno, "pool: %m");
	err = prefetch_init(&pool->prefetch, EGD_PREFETCH_SIZE, pool->room,
			    setup->log);
	return err ? vrng_fail(error, -err, "pool: %m") : 0;
}

void egd_prefetch_done(struct egd_prefetch *pool)
{
	prefetch_done(&pool->prefetch);
	if (pool->room >= 0)
		close(pool->room);
	pool->room = -1;
}

int egd_prefetch_start(struct egd_prefetch *pool, struct vrng_error *error)
{
	return refill_start(&pool->refill, error);
}

void egd_prefetch_stop(struct egd_prefetch *pool)
{
	refill_stop(&pool->refill);
}

void egd_prefetch_want(struct egd_prefetch *pool, size_t level)
{
	prefetch_want(&pool->prefetch, level);
}

/*
 * A read that does not wait would be told that there is nothing, and most would
 * believe it; nobody else is served yet who could lose by this.
 */
void egd_prefetch_begin(struct egd_prefetch *pool)
{
	struct pollfd data = { .fd = pool->prefetch.data, .events = POLLIN };

	prefetch_hear(&pool->prefetch);
	egd_prefetch_want(pool, EGD_PREFETCH_REST);
	if (!prefetch_level(&pool->prefetch))
		poll(&data, 1, EGD_PREFETCH_BEGIN_MS);
}

/* What is under way just then is for the next one: nobody has seen it. */
void egd_prefetch_rest(struct egd_prefetch *pool)
{
	egd_prefetch_want(pool, 0);
	prefetch_drop(&pool->prefetch, prefetch_level(&pool->prefetch));
}

size_t egd_prefetch_at_hand(struct egd_prefetch *pool, size_t least,
			    uint64_t now)
{
	const size_t level = prefetch_level(&pool->prefetch);
	size_t allowed;

	if (!level || level < least)
		return 0;
	allowed = rate_limit_allow(&pool->limit, now, level);
	if (!allowed || level - allowed <= pool->beyond)
		return allowed ? level : 0;
	return allowed + pool->beyond;
}

int egd_prefetch_front(const struct egd_prefetch *pool, size_t max,
		       struct iovec piece[2])
{
	return prefetch_front(&pool->prefetch, piece, max);
}

void egd_prefetch_gave(struct egd_prefetch *pool, size_t n, uint64_t now)
{
	rate_limit_take(&pool->limit, now, n);
	prefetch_drop(&pool->prefetch, n);
}

size_t egd_prefetch_gets(const struct egd_prefetch *pool, uint64_t ns)
{
	return pool->limit.max ? 0 : refill_gives(&pool->refill, ns);
}

uint64_t egd_prefetch_again(const struct egd_prefetch *pool, size_t least,
			    uint64_t now)
{
	const size_t level = prefetch_level(&pool->prefetch);

	if (!pool->limit.max || !level || level < least)
		return EGD_PREFETCH_NEVER;
	return rate_limit_when(&pool->limit) > now ?
		       rate_limit_when(&pool->limit) :
		       now;
}
