/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A feeder takes bytes from one source, tests and conditions them, and hands them
 * to the outlet.
 *
 * Each source has a thread of its own, so that one that blocks, floods or fails
 * delays no other: a read from /dev/hwrng can wait in the kernel in spite of
 * O_NONBLOCK, because another reader holds the device's lock, and so can an open.
 * A thread with nothing to do sleeps until it is due.
 *
 * From rngd_feeder_start() to a successful join the thread alone uses the source.
 * All functions are for the one thread that made the feeder.
 */
#ifndef RNGD_FEED_FEEDER_H
#define RNGD_FEED_FEEDER_H

#include <stdbool.h>
#include <stdint.h>

#include "rngd/feed/account.h"
#include "rngd/base/log.h"
#include "rngd/feed/outlet.h"
#include "rngd/feed/terms.h"
#include "vrng/source.h"
#include "vrng/error.h"

/*
 * How long a stop may take, ms, before the thread is left behind: rngd ends within
 * 100 ms of SIGTERM, see rngd(8).
 */
#define RNGD_STOP_TIMEOUT 60

struct rngd_feeder;

/* All must outlive the feeder. The source is closed. */
struct rngd_feeder_setup {
	struct vrng_source *source;
	struct rngd_outlet *outlet;
	struct vrng_log *log;
	struct vrng_recent *recent; /* of all sources; NULL: do not look */

	/*
	 * The source failed, by giving nothing or by its tests; or it has recovered
	 * from all of that. Called from the thread; may be NULL. */
	void (*tell)(void *opaque, bool failed, const char *text);

	/*
	 * The source gives nothing: it failed, has stalled or is suspended; or a block
	 * of it was handed over after that. Likewise.
	 */
	void (*dry)(void *opaque, bool is_dry);
	void *opaque;
};

/*
 * Make a feeder and its thread, which waits. The feeder owns @terms, also after a
 * failure: -ENOMEM, or -EAGAIN where there can be no more threads.
 */
int rngd_feeder_make(struct rngd_feeder **feeder,
		     const struct rngd_feeder_setup *setup,
		     struct rngd_terms *terms, struct vrng_error *error);

/* Let the thread feed. */
void rngd_feeder_start(struct rngd_feeder *feeder);

/*
 * Replace the terms, which the feeder owns then. They hold from the next block
 * that is tested. Counters and the source are kept.
 */
void rngd_feeder_change(struct rngd_feeder *feeder, struct rngd_terms *terms);

/* A feeding was requested, a VM fork noticed, or claimed blocks given back. */
void rngd_feeder_wake(struct rngd_feeder *feeder);

void rngd_feeder_status(struct rngd_feeder *feeder,
			struct rngd_source_status *status);

/*
 * The source gets no credit, because it @refusal (see rngd_terms_refusal()), or
 * NULL. Where the kernel is fed, a change is logged.
 */
void rngd_feeder_refuse(struct rngd_feeder *feeder, const char *refusal);

/*
 * Stand by: keep the source closed, and hand over nothing after the block that is
 * being tested, until the next call with false.
 */
void rngd_feeder_stand_by(struct rngd_feeder *feeder, bool stands_by);

/* Hand over nothing any more, whenever a read comes back: the source is removed. */
void rngd_feeder_revoke(struct rngd_feeder *feeder);

/* Tell the thread to end. Blocks that are being tested are still handed over. */
void rngd_feeder_stop(struct rngd_feeder *feeder);

/*
 * Wait until it has ended, until @deadline (ms, of vrng_now_ms()). False: it hangs
 * in the kernel. Nothing that it uses may be freed then; a later join may succeed.
 */
bool rngd_feeder_join(struct rngd_feeder *feeder, uint64_t deadline);

/* After a join that returned true. NULL is allowed. */
void rngd_feeder_free(struct rngd_feeder *feeder);

#endif
