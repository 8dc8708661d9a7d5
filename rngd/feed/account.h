/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The account of one source: its counters and its state. The feeder's thread
 * writes it; any thread may take a copy.
 */
#ifndef RNGD_FEED_ACCOUNT_H
#define RNGD_FEED_ACCOUNT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "rngd/sources/keeper.h"
#include "rngd/feed/stats.h"

struct rngd_source_status {
	struct rngd_stats stats;
	enum vrng_keeper_state state;
	bool suspended;
	char error[256]; /* last failure or recovery, "" for none */
};

struct rngd_account {
	pthread_mutex_t lock;
	struct rngd_source_status status;
};

void rngd_account_init(struct rngd_account *account);
void rngd_account_free(struct rngd_account *account);

void rngd_account_copy(struct rngd_account *account,
		       struct rngd_source_status *status);

/* The state in one word: "suspended", or the name of the keeper's state. */
const char *rngd_source_state_name(const struct rngd_source_status *status);

/* ---------------------------------------------------------- for the thread */

void rngd_account_state(struct rngd_account *account,
			enum vrng_keeper_state state);

/* The source failed or recovered; @text says how. */
void rngd_account_told(struct rngd_account *account,
		       enum vrng_keeper_state state, const char *text);

/* A suspension began (and is counted), or ended. */
void rngd_account_suspended(struct rngd_account *account, bool suspended);

/* @bytes were received. */
void rngd_account_in(struct rngd_account *account, size_t bytes,
		     enum vrng_keeper_state state);
/* @bytes were handed to the sink, with @bits of credit. */
void rngd_account_out(struct rngd_account *account, size_t bytes,
		      unsigned int bits);

/* @bytes from before a VM fork were dropped. */
void rngd_account_dropped(struct rngd_account *account, size_t bytes);

/*
 * A block was tested. @episodes: how often SP 800-90B tests have failed in all.
 * @failed: bits of the FIPS 140-2 tests that it failed, NULL if none was made.
 */
void rngd_account_block(struct rngd_account *account, bool good,
			uint64_t episodes, const unsigned int *failed);

#endif
