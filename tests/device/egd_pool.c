// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/device/egd_pool.h"
#include "tests/device/loop.h"

#define NS_PER_MS 1000000

/*
 * Reads of one filling, and the time after which there is no further one: some
 * sources make their bytes while we wait, and clients wait for their turn.
 */
#define READS	8
#define FILL_NS 2000000

/* The keeper has a whole line to say; it goes to the server's log. */
static void tell(void *opaque, enum vrng_keeper_state state, const char *text)
{
	const struct egd_pool *pool = opaque;

	(void)state;
	say(pool->say, "source %s", text);
}

int egd_pool_init(struct egd_pool *pool, struct vrng_source *source,
		  const struct say *to, uint64_t max, uint64_t period_ns)
{
	const struct vrng_keeper_setup setup = {
		.source = source,
		.consequence = "clients wait until it is back",
		.tell = tell,
		.opaque = pool,
	};

	*pool = (struct egd_pool){ .say = to,
				   .wait_fd = -1,
				   .again = EGD_POOL_NEVER };
	vrng_keeper_init(&pool->keeper, &setup);
	limit_init(&pool->limit, max, period_ns);
	return vrng_store_open(&pool->store, EGD_POOL_SIZE);
}

/* One read, into the store's first free piece. */
static ssize_t draw(struct egd_pool *pool, size_t want, uint64_t now)
{
	struct iovec room[2];
	ssize_t got;

	vrng_store_room(&pool->store, want, room);
	got = vrng_keeper_read(&pool->keeper, room[0].iov_base, room[0].iov_len,
			       now / NS_PER_MS);
	if (got <= 0)
		return got;
	vrng_store_added(&pool->store, (size_t)got);
	limit_take(&pool->limit, now, (size_t)got);
	pool->drawn += (uint64_t)got;
	return got;
}

static bool wait_for_source(struct egd_pool *pool)
{
	const uint64_t due = vrng_keeper_due(&pool->keeper);

	pool->wait_fd = vrng_keeper_fd(&pool->keeper);
	if (due < EGD_POOL_NEVER / NS_PER_MS)
		pool->again = due * NS_PER_MS;
	return true;
}

/* What is left over of the limit is for a later filling. */
bool egd_pool_fill(struct egd_pool *pool, size_t level, uint64_t now)
{
	const uint64_t begin = loop_now();
	size_t want;
	int i;

	pool->wait_fd = -1;
	pool->again = EGD_POOL_NEVER;
	for (i = 0; i < READS; i++) {
		if (pool->store.used >= level) {
			vrng_keeper_rest(&pool->keeper);
			return true;
		}
		want = limit_allow(&pool->limit, now, level - pool->store.used);
		if (!want) {
			vrng_keeper_rest(&pool->keeper);
			pool->again = limit_when(&pool->limit);
			return true;
		}
		if (draw(pool, want, now) < 0)
			return wait_for_source(pool);
		if (loop_now() - begin > FILL_NS)
			break;
	}
	return false;
}

void egd_pool_rest(struct egd_pool *pool)
{
	vrng_keeper_close(&pool->keeper);
	vrng_store_drop(&pool->store, pool->store.used);
	pool->wait_fd = -1;
	pool->again = EGD_POOL_NEVER;
}

void egd_pool_done(struct egd_pool *pool)
{
	vrng_keeper_close(&pool->keeper);
	vrng_store_close(&pool->store);
}
