/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The input buffer of one source, in locked memory. A keeper opens the source again
 * after a failure; a VM fork makes what is held void.
 *
 * All functions but make and free are for the feeder's thread.
 */
#ifndef RNGD_FEED_INTAKE_H
#define RNGD_FEED_INTAKE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rngd/feed/account.h"
#include "rngd/base/log.h"
#include "rngd/feed/outlet.h"
#include "rngd/sources/keeper.h"
#include "rngd/base/worker.h"
#include "vrng/source.h"
#include "vrng/error.h"

/*
 * The longest drain after a fork, in ms. Read-ahead of 64 KiB takes 2 ms under
 * emulation.
 */
#define RNGD_DRAIN_MS 1000

/*
 * From when on a silent source counts as failed, ms: six times the longest period
 * that is known of a host's limit (192 bytes in 300 s), of which the kernel may take
 * the bytes of several for itself.
 */
#define RNGD_SILENCE_MS 1800000

/* What the feeder does after a step. */
enum rngd_flow {
	RNGD_GO_ON,
	RNGD_AGAIN, /* what was held is void: begin with a new block */
	RNGD_STOP
};

/* All must outlive the intake. The source is closed. */
struct rngd_intake_setup {
	struct vrng_source *source;
	struct rngd_outlet *outlet; /* counts forks */
	struct vrng_worker *worker; /* whose thread waits */
	struct rngd_account *account;
	struct vrng_log *log;
	size_t size; /* of the buffer */
	const atomic_bool *unwanted; /* true: wait for no bytes; may be NULL */

	/* The source failed, or recovered. From the thread; may be NULL. */
	void (*tell)(void *opaque, bool failed, const char *text);

	/* It gives no bytes: it failed, or has stalled. Likewise. */
	void (*dry)(void *opaque);
	void *opaque;
};

struct rngd_intake {
	struct rngd_intake_setup setup;
	struct vrng_keeper keeper;
	uint8_t *buf; /* setup.size bytes, locked */
	size_t have; /* bytes in it */
	unsigned int origins; /* of these bytes: bits 1 << enum vrng_origin */
	size_t drain; /* bytes to drop first, as far as they are at hand */
	uint64_t forks; /* rngd_outlet_forks() when bytes were last void */
	bool has_failed; /* as was last told */
	uint64_t reopens; /* as the account has it */
	bool is_silent; /* by a silence: not logged */
};

/* Negative errno. Free it after a failure, too. */
int rngd_intake_make(struct rngd_intake *intake,
		     const struct rngd_intake_setup *setup);
void rngd_intake_free(struct rngd_intake *intake);

/* Read until @len bytes are held, and wait as long as that takes. */
enum rngd_flow rngd_intake_fill(struct rngd_intake *intake, size_t len);

/* Read without waiting, until @len bytes are held at most. */
void rngd_intake_top_up(struct rngd_intake *intake, size_t len);

/* Wipe the first @done bytes; those that follow move to the front. */
void rngd_intake_done(struct rngd_intake *intake, size_t done);

/* Drop what is held and close the source. The next read opens it. */
void rngd_intake_close(struct rngd_intake *intake);

/* No bytes are wanted for now: silence is no stall. */
void rngd_intake_rest(struct rngd_intake *intake);

/* Were the held bytes read before a VM fork? */
bool rngd_intake_is_void(const struct rngd_intake *intake);

/*
 * After a VM fork other clones hold the same bytes: drop them, close the source,
 * and let rngd_intake_drain() drop what the kernel or a FIFO still holds.
 */
void rngd_intake_forget(struct rngd_intake *intake);

/*
 * Drop bytes that were on their way when the machine was forked: as many as the
 * outlet says, and what a FIFO can hold. It ends at the first wait, because bytes
 * that have to be waited for were made after the fork, and after RNGD_DRAIN_MS,
 * because bytes that were held are copied faster.
 */
enum rngd_flow rngd_intake_drain(struct rngd_intake *intake);

#endif
