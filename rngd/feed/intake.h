/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is held of one source, and how it gets there: in locked memory, from a
 * source that is taken up again when it fails, and void after a VM fork.
 *
 * All functions are for the thread that feeds, save make and free.
 */
#ifndef RNGD_FEED_INTAKE_H
#define RNGD_FEED_INTAKE_H

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

/* Read-ahead of 64 KiB takes 2 ms under emulation. */
#define RNGD_DRAIN_MS 1000

/* How a step of feeding went. */
enum rngd_flow {
	RNGD_GO_ON,
	RNGD_AGAIN, /* what was held is void: begin anew */
	RNGD_STOP
};

/* All must outlive the intake. The source is closed. */
struct rngd_intake_setup {
	struct vrng_source *source;
	struct rngd_outlet *outlet; /* tells of forks */
	struct vrng_worker *worker; /* waits */
	struct rngd_account *account;
	struct vrng_log *log;
	size_t size; /* of the buffer */

	/* It fell ill, or is well again; from the thread. May be NULL. */
	void (*tell)(void *opaque, bool ill, const char *text);
	void *opaque;
};

struct rngd_intake {
	struct rngd_intake_setup setup;
	struct vrng_keeper keeper;
	uint8_t *buf; /* setup.size bytes, locked */
	size_t have; /* bytes in it */
	size_t drain; /* bytes to drop before the next, if they are at hand */
	uint64_t forks; /* those that what is held is of */
	bool is_ill; /* as told */
};

/* Negative errno; to be freed even then. */
int rngd_intake_make(struct rngd_intake *intake,
		     const struct rngd_intake_setup *setup);
void rngd_intake_free(struct rngd_intake *intake);

/* Go on until @len bytes are held, waiting as long as it takes. */
enum rngd_flow rngd_intake_fill(struct rngd_intake *intake, size_t len);

/* Go on as long as there is no wait, to @len at most. */
void rngd_intake_top_up(struct rngd_intake *intake, size_t len);

/* The first @done bytes have been dealt with; what follows stays. */
void rngd_intake_done(struct rngd_intake *intake, size_t done);

/* Drop what is held, and close the source until there is a use for it. */
void rngd_intake_close(struct rngd_intake *intake);

/* Nothing is wanted for now. */
void rngd_intake_rest(struct rngd_intake *intake);

/* Is what is held of before a VM fork? */
bool rngd_intake_is_void(const struct rngd_intake *intake);

/*
 * After a VM fork what is held, by whomever on the way here, is the clones' own:
 * drop it, and have what comes next be drained.
 */
void rngd_intake_forget(struct rngd_intake *intake);

/*
 * Drop what is still to come of before a fork: as much as the outlet says (and a
 * FIFO holds), but only what is at hand, and for RNGD_DRAIN_MS at the most. What
 * has to be waited for was not there when the fork was, and what comes more
 * slowly than memory is copied neither.
 */
enum rngd_flow rngd_intake_drain(struct rngd_intake *intake);

#endif
