/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all feeders share: the one sink, how many blocks are still wanted, and
 * what happened that the main loop has to know. Feeders call from their threads;
 * the main loop waits for rngd_outlet_fd() and takes the events.
 */
#ifndef RNGD_FEED_OUTLET_H
#define RNGD_FEED_OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rngd/base/log.h"
#include "rngd/sinks/sink.h"
#include "vrng/error.h"

struct rngd_outlet;

enum rngd_outcome {
	RNGD_STOPPED, /* by a signal, or not at all */
	RNGD_DONE, /* all blocks that were asked for */
	RNGD_SOURCES_FAILED, /* every one, and one is required */
	RNGD_SINK_FAILED
};

/* Events, as bits. */
#define RNGD_EVENT_FIRST 1u /* the first block has been handed over */
#define RNGD_EVENT_FED	 2u /* the feeding that was asked for is done */
#define RNGD_EVENT_ENDED 4u /* there is an outcome */

/* @blocks: how many good ones are wanted, 0: no end. */
int rngd_outlet_make(struct rngd_outlet **outlet, struct vrng_sink *sink,
		     struct vrng_log *log, uint64_t blocks,
		     struct vrng_error *error);

struct vrng_sink *rngd_outlet_sink(struct rngd_outlet *outlet);

/* ------------------------------------------------------- for the main loop */

int rngd_outlet_fd(const struct rngd_outlet *outlet);
unsigned int rngd_outlet_take_events(struct rngd_outlet *outlet);
enum rngd_outcome rngd_outlet_outcome(struct rngd_outlet *outlet,
				      struct vrng_error *error);

/*
 * A feeding is asked for: RNGD_EVENT_FED follows the first block that was begun
 * after this and, where a kernel is fed, credited. With @fork all that feeders
 * hold becomes void, and so do the next @stale bytes (0 without) that a source
 * has at hand then.
 */
void rngd_outlet_ask(struct rngd_outlet *outlet, bool fork, size_t stale);

/* ------------------------------------------------------------- for feeders */

/* Grows with each ask, and with each fork: what was begun under another is late
 * or void. */
uint64_t rngd_outlet_asked(struct rngd_outlet *outlet);
uint64_t rngd_outlet_forks(struct rngd_outlet *outlet);

/* Of the last fork: see rngd_outlet_ask(). */
size_t rngd_outlet_stale(struct rngd_outlet *outlet);

/* Blocks that are still wanted, @n at most; 0: none any more. */
unsigned int rngd_outlet_wanted(struct rngd_outlet *outlet, unsigned int n);

/* Take that many of the wanted ones: those that this returns are yours. */
unsigned int rngd_outlet_claim(struct rngd_outlet *outlet, unsigned int n);

/* Give back @n that were claimed and not handed over. */
void rngd_outlet_unclaim(struct rngd_outlet *outlet, unsigned int n);

/*
 * @blocks that were claimed, and begun under @asked, have been handed over: as
 * @bytes with @bits each, the kernel's level before them. The last of those that
 * are wanted ends it with RNGD_DONE.
 */
void rngd_outlet_fed(struct rngd_outlet *outlet, uint64_t asked,
		     unsigned int blocks, unsigned int bytes, unsigned int bits,
		     int before);

/* The first outcome counts. */
void rngd_outlet_end(struct rngd_outlet *outlet, enum rngd_outcome outcome,
		     const struct vrng_error *error);

/* When no feeder uses it any more. NULL is nothing. */
void rngd_outlet_free(struct rngd_outlet *outlet);

#endif
