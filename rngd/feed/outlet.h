/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all feeders share: the sink, the number of blocks that are still wanted,
 * requests from the main loop, and events for it. Feeders call from their threads;
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
	RNGD_STOPPED, /* none yet, or a signal */
	RNGD_DONE, /* all blocks of --blocks were handed over */
	RNGD_SOURCES_FAILED, /* all of them, with --require-source */
	RNGD_SINK_FAILED
};

/* Events, as bits. */
#define RNGD_EVENT_FIRST 1u /* the first block was handed over */
#define RNGD_EVENT_FED	 2u /* a request is met: see rngd_outlet_met() */
#define RNGD_EVENT_ENDED 4u /* there is an outcome */

/*
 * An outlet for @blocks good blocks (0: no end). @sink and @log must outlive it.
 * -ENOMEM, -EMFILE.
 */
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
 * Request a feeding. Requests are numbered from 1; returns the number. RNGD_EVENT_FED
 * follows when a block that was begun after this has been handed over and, to a
 * kernel, credited and used, whatever is requested meanwhile. @fork: all that feeders hold
 * becomes void, and so do the next @stale bytes that a source has at hand.
 */
uint64_t rngd_outlet_ask(struct rngd_outlet *outlet, bool fork, size_t stale);

/* Has a block been credited? */
bool rngd_outlet_is_credited(struct rngd_outlet *outlet);

/* The number of the last request that is met, and so are those before it; or 0. */
uint64_t rngd_outlet_met(struct rngd_outlet *outlet);

/* ------------------------------------------------------------- for feeders */

/*
 * The number of requests, and the forks among them. A block that was begun at a
 * smaller number of requests does not meet the last one; bytes that were read at a
 * smaller number of forks are void.
 */
uint64_t rngd_outlet_asked(struct rngd_outlet *outlet);
uint64_t rngd_outlet_forks(struct rngd_outlet *outlet);

/* @stale of the last fork: see rngd_outlet_ask(). */
size_t rngd_outlet_stale(struct rngd_outlet *outlet);

/* How many blocks, of @n, are wanted and not claimed. */
unsigned int rngd_outlet_wanted(struct rngd_outlet *outlet, unsigned int n);

/* Claim up to @n of them. Returns how many the caller may hand over. */
unsigned int rngd_outlet_claim(struct rngd_outlet *outlet, unsigned int n);

/* Give back @n claimed blocks that were not handed over. */
void rngd_outlet_unclaim(struct rngd_outlet *outlet, unsigned int n);

/* The level of the kernel before a block is worth asking for: rngd_outlet_fed(). */
bool rngd_outlet_logs_level(struct rngd_outlet *outlet);

/*
 * @blocks that were claimed, and begun when rngd_outlet_asked() was @asked, were
 * handed over, as @bytes with @bits of credit each. @before: the kernel's level
 * before, for the log, or -1. The last wanted block is the outcome RNGD_DONE.
 */
void rngd_outlet_fed(struct rngd_outlet *outlet, uint64_t asked,
		     unsigned int blocks, unsigned int bytes, unsigned int bits,
		     int before);

/* Set the outcome, if there is none. @error may be NULL. */
void rngd_outlet_end(struct rngd_outlet *outlet, enum rngd_outcome outcome,
		     const struct vrng_error *error);

/* After the feeders. NULL is allowed. */
void rngd_outlet_free(struct rngd_outlet *outlet);

#endif
