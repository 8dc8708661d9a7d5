/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes that an EGD server has at hand for all of its clients: drawn from
 * its source, within its limit, into one store of locked memory; wiped when a
 * client has them. There is no copy of them elsewhere.
 *
 * One thread. Times are loop_now()'s, in ns.
 */
#ifndef DEVICE_EGD_POOL_H
#define DEVICE_EGD_POOL_H

#include <stdint.h>

#include "rngd/sources/keeper.h"
#include "rngd/sources/store.h"
#include "tests/device/limit.h"
#include "tests/device/say.h"

/* Room, in bytes; and how much of it is filled while nobody asks. */
#define EGD_POOL_SIZE (256 * 1024)
#define EGD_POOL_REST 4096

#define EGD_POOL_NEVER UINT64_MAX

struct egd_pool {
	struct vrng_keeper keeper;
	struct vrng_store store;
	struct limit limit;
	const struct say *say;
	uint64_t drawn; /* bytes, since the start */
	int wait_fd; /* after egd_pool_fill(): what tells of more, or -1 */
	uint64_t again; /* and when to fill again at the latest */
};

/*
 * @max bytes in each @period_ns, as limit_init() has it. 0, or a negative errno
 * where the memory cannot be had.
 */
int egd_pool_init(struct egd_pool *pool, struct vrng_source *source,
		  const struct say *say, uint64_t max, uint64_t period_ns);

/*
 * Draw until there are @level bytes, or the source or the limit has no more, or
 * a bounded number of reads is through. False where it is worth to come back at
 * once; else @wait_fd and @again say when.
 */
bool egd_pool_fill(struct egd_pool *pool, size_t level, uint64_t now);

/* Nobody is there to give to: close the source, wipe what there is. */
void egd_pool_rest(struct egd_pool *pool);

void egd_pool_done(struct egd_pool *pool);

#endif
