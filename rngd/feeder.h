/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The work of the daemon: take from a source, check, hand to a sink. It runs
 * in a thread of its own, because a read from /dev/hwrng can wait in the kernel
 * even when it was told not to (another reader holds the device's lock), and
 * the daemon must be able to stop all the same.
 *
 * The thread alone uses source and sink between start and a successful stop.
 * All functions here are for the one thread that started it.
 */
#ifndef RNGD_FEEDER_H
#define RNGD_FEEDER_H

#include <stdbool.h>
#include <stdint.h>

#include "rngd/log.h"
#include "rngd/sinks/sink.h"
#include "rngd/stats.h"
#include "vrng/source.h"
#include "vrng/why.h"

/*
 * Bits of entropy credited for a byte that passed. The kernel's generator on
 * the other side of a virtio device, and the generators made to feed a pool,
 * give full entropy; a raw noise source should not be fed without conditioning.
 */
#define RNGD_BITS_PER_BYTE 8

/* A stop that the thread does not notice within this time (ms) goes on alone. */
#define RNGD_STOP_TIMEOUT 80

struct rngd_feeder;

/* All must outlive the feeder. The source is open. */
struct rngd_feeder_setup {
	struct vrng_source *source;
	struct vrng_sink *sink;
	const struct rngd_log *log;
	unsigned int step; /* bytes a RNDADDENTROPY */
	uint64_t blocks; /* end after so many good ones; 0: never */
};

enum rngd_outcome {
	RNGD_STOPPED, /* rngd_feeder_stop() */
	RNGD_DONE, /* all blocks that were asked for */
	RNGD_SOURCE_ENDED,
	RNGD_SOURCE_FAILED,
	RNGD_SINK_FAILED
};

/*
 * Start the thread; signals are handled in it as the caller's mask says, save
 * SIGUSR2, which the feeder keeps for itself.
 */
int rngd_feeder_start(struct rngd_feeder **feeder,
		      const struct rngd_feeder_setup *setup,
		      struct vrng_why *why);

/* Polls readable once the thread has ended by itself. */
int rngd_feeder_fd(const struct rngd_feeder *feeder);

/* A consistent copy, at any time. */
void rngd_feeder_stats(struct rngd_feeder *feeder, struct rngd_stats *stats);

/*
 * Stop the thread, if it still runs. True: it has ended, *@outcome says why
 * and @why in words. False: it hangs in the kernel; the only thing left to do
 * is to end the process, without freeing what the thread uses.
 */
bool rngd_feeder_stop(struct rngd_feeder *feeder, enum rngd_outcome *outcome,
		      struct vrng_why *why);

/* After rngd_feeder_stop() was true. NULL is nothing. */
void rngd_feeder_free(struct rngd_feeder *feeder);

#endif
