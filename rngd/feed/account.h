/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of one source: its counters, and how it is. The feeder's thread
 * writes, any thread may take a copy.
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
	char error[256]; /* of the last failure, or "" */
};

struct rngd_account {
	pthread_mutex_t lock;
	struct rngd_source_status status;
};

void rngd_account_init(struct rngd_account *account);
void rngd_account_free(struct rngd_account *account);

void rngd_account_copy(struct rngd_account *account,
		       struct rngd_source_status *status);

/* The source in one word: that of the keeper, or "suspended". */
const char *rngd_source_state_name(const struct rngd_source_status *status);

/* ---------------------------------------------------------- for the thread */

void rngd_account_state(struct rngd_account *account,
			enum vrng_keeper_state state);

/* @text: the last thing that happened to it. */
void rngd_account_told(struct rngd_account *account,
		       enum vrng_keeper_state state, const char *text);

/* Suspended once more, or taken up again. */
void rngd_account_suspended(struct rngd_account *account, bool suspended);

/* So many @bytes came from it, which is in @state. */
void rngd_account_in(struct rngd_account *account, size_t bytes,
		     enum vrng_keeper_state state);
void rngd_account_out(struct rngd_account *account, size_t bytes,
		      unsigned int bits);
void rngd_account_dropped(struct rngd_account *account, size_t bytes);

/*
 * A block, after @episodes of failing SP 800-90B tests in all. @failed: the FIPS
 * 140-2 tests that it failed, as bits; NULL where there were none.
 */
void rngd_account_block(struct rngd_account *account, bool good,
			uint64_t episodes, const unsigned int *failed);

#endif
