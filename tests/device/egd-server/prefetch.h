/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes that an EGD server has at hand for all of its clients: a tank that
 * is filled from its source by a thread, and a limit on what leaves it. There is
 * no copy of them elsewhere.
 *
 * One thread, the server's. Times are loop_now()'s, in ns.
 */
#ifndef DEVICE_EGD_POOL_H
#define DEVICE_EGD_POOL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "tests/device/entropy/refill.h"
#include "tests/device/entropy/rate_limit.h"
#include "tests/device/entropy/prefetch_ring.h"
#include "vrng/error.h"

/* Room, in bytes; and how many are kept while nobody waits for any. */
#define EGD_POOL_SIZE (256 * 1024)
#define EGD_POOL_REST 4096

/*
 * Replies of up to so many bytes go out whole, as some clients cannot do with
 * pieces; unless the limit for a whole period is less. That much of it is kept
 * back, as a reply may begin in one slice of a period and use up the next one.
 */
#define EGD_POOL_WHOLE 255

/* What the first client waits at most for the source to begin with, ms. */
#define EGD_POOL_BEGIN_MS 2

#define EGD_POOL_NEVER UINT64_MAX

struct say;

struct egd_pool_setup {
	struct supply *supply; /* not owned; NULL: there is ... */
	struct fetch *fetch; /* not owned; begun */
	uint64_t max_bytes; /* in each period; 0: no limit */
	uint64_t period_ns;
	const struct say *say;
};

struct egd_pool {
	struct tank tank;
	struct filler filler;
	struct limit limit;
	size_t beyond; /* what may be given on top of what the limit allows */
	bool in_pieces; /* the limit is too low for whole replies */
	int room; /* the tank's */
};

/* Nothing is done yet, and no thread there. */
int egd_pool_init(struct egd_pool *pool, const struct egd_pool_setup *setup,
		  struct vrng_why *why);
void egd_pool_done(struct egd_pool *pool);

int egd_pool_start(struct egd_pool *pool, struct vrng_why *why);
void egd_pool_stop(struct egd_pool *pool);

/*
 * Have @level bytes in it (at most EGD_POOL_SIZE), as far as the source can. The
 * descriptor @tank.data tells of each that comes, and is to be heard.
 */
void egd_pool_want(struct egd_pool *pool, size_t level);

/* As that, for the first one who is there, and wait a moment for some. */
void egd_pool_begin(struct egd_pool *pool);

/* Nobody is there: close the source, wipe what there is. */
void egd_pool_rest(struct egd_pool *pool);

/* Bytes that may be given now; none where fewer than @least are there. */
size_t egd_pool_at_hand(struct egd_pool *pool, size_t least, uint64_t now);

/* The first @max (at most those): in 0 to 2 pieces. */
int egd_pool_front(const struct egd_pool *pool, size_t max,
		   struct iovec piece[2]);

/* Somebody has the first @n of them, so they are wiped. */
void egd_pool_gave(struct egd_pool *pool, size_t n, uint64_t now);

/* Bytes that it gets in @ns, and may give; 0 where its limit is what counts. */
size_t egd_pool_gets(const struct egd_pool *pool, uint64_t ns);

/*
 * When its limit lets more out, where there are @least bytes; or EGD_POOL_NEVER:
 * that does not hold it.
 */
uint64_t egd_pool_again(const struct egd_pool *pool, size_t least,
			uint64_t now);

#endif
