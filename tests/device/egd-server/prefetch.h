/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes that an EGD server has at hand for all of its clients: a tank that
 * is filled from its source by a thread, and a limit on what leaves it. There is
 * no copy of them elsewhere.
 *
 * One thread, the server's. Times are vrng_now()'s, in ns.
 */
#ifndef DEVICE_EGD_SERVER_PREFETCH_H
#define DEVICE_EGD_SERVER_PREFETCH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "tests/device/entropy/refill.h"
#include "tests/device/entropy/rate_limit.h"
#include "tests/device/entropy/prefetch_ring.h"
#include "vrng/error.h"

/* Room, in bytes; and how many are kept while nobody waits for any. */
#define EGD_PREFETCH_SIZE (256 * 1024)
#define EGD_PREFETCH_REST 4096

/*
 * Replies of up to so many bytes go out whole, as some clients cannot do with
 * pieces; unless the limit for a whole period is less. That much of it is kept
 * back, as a reply may begin in one slice of a period and use up the next one.
 */
#define EGD_PREFETCH_WHOLE 255

/* What the first client waits at most for the source to begin with, ms. */
#define EGD_PREFETCH_BEGIN_MS 2

#define EGD_PREFETCH_NEVER UINT64_MAX

struct vrng_log;

struct egd_prefetch_setup {
	struct shared_source *shared; /* not owned; NULL: there is ... */
	struct source_process *process; /* not owned; begun */
	uint64_t max_bytes; /* in each period; 0: no limit */
	uint64_t period_ns;
	struct vrng_log *log;
};

struct egd_prefetch {
	struct prefetch_ring prefetch;
	struct refill refill;
	struct rate_limit limit;
	size_t beyond; /* what may be given on top of what the limit allows */
	bool in_pieces; /* the limit is too low for whole replies */
	int room; /* the tank's */
};

/* Nothing is done yet, and no thread there. */
int egd_prefetch_init(struct egd_prefetch *pool,
		      const struct egd_prefetch_setup *setup,
		      struct vrng_error *error);
void egd_prefetch_done(struct egd_prefetch *pool);

int egd_prefetch_start(struct egd_prefetch *pool, struct vrng_error *error);
void egd_prefetch_stop(struct egd_prefetch *pool);

/*
 * Have @level bytes in it (at most EGD_PREFETCH_SIZE), as far as the source can. The
 * descriptor @prefetch.data tells of each that comes, and is to be heard.
 */
void egd_prefetch_want(struct egd_prefetch *pool, size_t level);

/* As that, for the first one who is there, and wait a moment for some. */
void egd_prefetch_begin(struct egd_prefetch *pool);

/* Nobody is there: close the source, wipe what there is. */
void egd_prefetch_rest(struct egd_prefetch *pool);

/* Bytes that may be given now; none where fewer than @least are there. */
size_t egd_prefetch_at_hand(struct egd_prefetch *pool, size_t least,
			    uint64_t now);

/* The first @max (at most those): in 0 to 2 pieces. */
int egd_prefetch_front(const struct egd_prefetch *pool, size_t max,
		       struct iovec piece[2]);

/* Somebody has the first @n of them, so they are wiped. */
void egd_prefetch_gave(struct egd_prefetch *pool, size_t n, uint64_t now);

/* Bytes that it gets in @ns, and may give; 0 where its limit is what counts. */
size_t egd_prefetch_gets(const struct egd_prefetch *pool, uint64_t ns);

/*
 * When its limit lets more out, where there are @least bytes; or EGD_PREFETCH_NEVER:
 * that does not hold it.
 */
uint64_t egd_prefetch_again(const struct egd_prefetch *pool, size_t least,
			    uint64_t now);

#endif
