// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/device/egd-server/prefetch.h"

static void limit_start(struct egd_pool *pool, uint64_t max, uint64_t period_ns)
{
	pool->in_pieces = max && max < EGD_POOL_WHOLE;
	pool->beyond = max && !pool->in_pieces ? EGD_POOL_WHOLE - 1 : 0;
	limit_init(&pool->limit, max - pool->beyond, period_ns);
}

int egd_pool_init(struct egd_pool *pool, const struct egd_pool_setup *setup,
		  struct vrng_why *why)
{
	int err;

	*pool = (struct egd_pool){
		.filler = { .supply = setup->supply, .fetch = setup->fetch },
	};
	pool->filler.tank = &pool->tank;
	limit_start(pool, setup->max_bytes, setup->period_ns);
	pool->room = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (pool->room < 0)
		return vrng_why(why, errno, "pool: %m");
	err = tank_init(&pool->tank, EGD_POOL_SIZE, pool->room, setup->say);
	return err ? vrng_why(why, -err, "pool: %m") : 0;
}

void egd_pool_done(struct egd_pool *pool)
{
	tank_done(&pool->tank);
	if (pool->room >= 0)
		close(pool->room);
	pool->room = -1;
}

int egd_pool_start(struct egd_pool *pool, struct vrng_why *why)
{
	return filler_start(&pool->filler, why);
}

void egd_pool_stop(struct egd_pool *pool)
{
	filler_stop(&pool->filler);
}

void egd_pool_want(struct egd_pool *pool, size_t level)
{
	tank_want(&pool->tank, level);
}

/*
 * A read that does not wait would be told that there is nothing, and most would
 * believe it; nobody else is served yet who could lose by this.
 */
void egd_pool_begin(struct egd_pool *pool)
{
	struct pollfd data = { .fd = pool->tank.data, .events = POLLIN };

	tank_hear(&pool->tank);
	egd_pool_want(pool, EGD_POOL_REST);
	if (!tank_level(&pool->tank))
		poll(&data, 1, EGD_POOL_BEGIN_MS);
}

/* What is under way just then is for the next one: nobody has seen it. */
void egd_pool_rest(struct egd_pool *pool)
{
	egd_pool_want(pool, 0);
	tank_drop(&pool->tank, tank_level(&pool->tank));
}

size_t egd_pool_at_hand(struct egd_pool *pool, size_t least, uint64_t now)
{
	const size_t level = tank_level(&pool->tank);
	size_t allowed;

	if (!level || level < least)
		return 0;
	allowed = limit_allow(&pool->limit, now, level);
	if (!allowed || level - allowed <= pool->beyond)
		return allowed ? level : 0;
	return allowed + pool->beyond;
}

int egd_pool_front(const struct egd_pool *pool, size_t max,
		   struct iovec piece[2])
{
	return tank_front(&pool->tank, piece, max);
}

void egd_pool_gave(struct egd_pool *pool, size_t n, uint64_t now)
{
	limit_take(&pool->limit, now, n);
	tank_drop(&pool->tank, n);
}

size_t egd_pool_gets(const struct egd_pool *pool, uint64_t ns)
{
	return pool->limit.max ? 0 : filler_gives(&pool->filler, ns);
}

uint64_t egd_pool_again(const struct egd_pool *pool, size_t least, uint64_t now)
{
	const size_t level = tank_level(&pool->tank);

	if (!pool->limit.max || !level || level < least)
		return EGD_POOL_NEVER;
	return limit_when(&pool->limit) > now ? limit_when(&pool->limit) : now;
}
