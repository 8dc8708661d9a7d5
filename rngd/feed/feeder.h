/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One source's way to the outlet: take from it, test, condition, hand over.
 *
 * Each source has a thread of its own, so that one that blocks, floods or fails
 * delays no other: a read from /dev/hwrng can wait in the kernel even when it was
 * told not to (another reader holds the device's lock), and opening can, too. A
 * thread that has nothing to do sleeps until it is due.
 *
 * The thread alone uses the source between start and a successful stop. All
 * functions here are for the one thread that started it.
 */
#ifndef RNGD_FEED_FEEDER_H
#define RNGD_FEED_FEEDER_H

#include <stdbool.h>
#include <stdint.h>

#include "rngd/feed/account.h"
#include "rngd/base/log.h"
#include "rngd/feed/outlet.h"
#include "vrng/source.h"
#include "vrng/error.h"

/* A stop that the threads do not notice within this time (ms) goes on alone. */
#define RNGD_STOP_TIMEOUT 60

struct rngd_feeder;

/* All must outlive the feeder. The source is closed. */
struct rngd_feeder_setup {
	struct vrng_source *source;
	struct rngd_outlet *outlet;
	struct vrng_log *log;
	unsigned int entropy; /* thousandths of a bit a byte, 0 to 8000 */
	unsigned int suspend; /* s, the first time; doubles up to an hour */
	bool ignore_failures; /* never suspend */

	/* It fell ill, or is well again; from the thread. May be NULL. */
	void (*tell)(void *opaque, bool ill, const char *text);
	void *opaque;
};

/* Start the thread: see vrng_worker_start(). */
int rngd_feeder_start(struct rngd_feeder **feeder,
		      const struct rngd_feeder_setup *setup,
		      struct vrng_error *error);

/* Something has changed: it was asked to feed, or for a VM fork. */
void rngd_feeder_wake(struct rngd_feeder *feeder);

/* A copy of what it knows of its source. */
void rngd_feeder_status(struct rngd_feeder *feeder,
			struct rngd_source_status *status);

/* Does it give nothing? After a successful stop. */
bool rngd_feeder_is_ill(const struct rngd_feeder *feeder);

const struct rngd_feeder_setup *
rngd_feeder_setup(const struct rngd_feeder *feeder);

/*
 * Stop the @n threads, all at once. True: they have ended. False: one hangs in
 * the kernel; the only thing left to do is to end the process, without freeing
 * what the threads use.
 */
bool rngd_feeder_stop(struct rngd_feeder *const *feeder, size_t n);

/* After rngd_feeder_stop() was true. NULL is nothing. */
void rngd_feeder_free(struct rngd_feeder *feeder);

#endif
