/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The account of one source: its state and its entry in the ledger. All that is
 * counted of a source is counted here, and credit is granted here: never more than
 * was claimed, and no claim above what was received. The feeder's thread writes it;
 * any thread may take a copy.
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
	bool stands_by; /* see rngd_feeder_stand_by() */
	const char *refusal; /* why it gets no credit; NULL: it gets some */
	size_t awaited; /* bytes, until a block can be tested; 0: none */
	size_t held; /* of them, so far */
	char error[256]; /* last failure or recovery, "" for none */
};

/* What the tests of a block found. */
enum rngd_block {
	RNGD_BLOCK_GOOD,
	RNGD_BLOCK_BAD, /* failed a statistical test */
	RNGD_BLOCK_REPEATED /* these bytes have come before */
};

struct rngd_account {
	pthread_mutex_t lock;
	struct rngd_source_status status;
};

void rngd_account_init(struct rngd_account *account);
void rngd_account_free(struct rngd_account *account);

void rngd_account_copy(struct rngd_account *account,
		       struct rngd_source_status *status);

/* The state in one word: "standby", "suspended", or the name of the keeper's state. */
const char *rngd_source_state_name(const struct rngd_source_status *status);

/* ---------------------------------------------------------- for the thread */

void rngd_account_state(struct rngd_account *account,
			enum vrng_keeper_state state);

/* @held bytes have come of @awaited. Both 0: nothing is waited for. */
void rngd_account_awaits(struct rngd_account *account, size_t held,
			 size_t awaited);

/* The source failed or recovered; @text says how. */
void rngd_account_told(struct rngd_account *account,
		       enum vrng_keeper_state state, const char *text);

/* A suspension began (and is counted), or ended. */
void rngd_account_suspended(struct rngd_account *account, bool suspended);

/* @bytes were received. */
void rngd_account_in(struct rngd_account *account, size_t bytes,
		     enum vrng_keeper_state state);

/* How often it has failed and was opened again, in all. */
void rngd_account_failures(struct rngd_account *account, uint64_t failures,
			   uint64_t reopens);

/* Set why the source gets no credit, or NULL. True: that is a change. */
bool rngd_account_refuse(struct rngd_account *account, const char *refusal);

/*
 * @bits of entropy are claimed for blocks that passed; of them, @conditioned bytes
 * went into the conditioner. No more counts than 8 bits a byte received.
 */
void rngd_account_claim(struct rngd_account *account, uint64_t bits,
			size_t conditioned);

/* How many of @bits may be credited, so that no more is credited than claimed. */
unsigned int rngd_account_grant(struct rngd_account *account,
				unsigned int bits);

/* @bytes were handed to the sink, with @bits of credit, which were granted. */
void rngd_account_out(struct rngd_account *account, size_t bytes,
		      unsigned int bits);

/* @bytes from before a VM fork were dropped. */
void rngd_account_dropped(struct rngd_account *account, size_t bytes);

/*
 * A block of @bytes was tested. @episodes: how often SP 800-90B tests have failed in all.
 * @failed: bits of the FIPS 140-2 tests that it failed, NULL if none was made.
 */
void rngd_account_block(struct rngd_account *account, size_t bytes,
			enum rngd_block verdict, uint64_t episodes,
			const unsigned int *failed);

#endif
