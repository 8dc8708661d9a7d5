/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tests of one source's blocks: SP 800-90B on all samples and, on sources
 * that are not raw, FIPS 140-2. Both carry their state from block to block. A block
 * that passes them fails nevertheless if its bytes have come before.
 *
 * One thread at a time.
 */
#ifndef RNGD_FEED_BLOCK_TEST_H
#define RNGD_FEED_BLOCK_TEST_H

#include <stdbool.h>
#include <stdint.h>

#include "rngd/base/log.h"
#include "rngd/checks/recent.h"
#include "rngd/feed/account.h"
#include "rngd/feed/terms.h"
#include "vrng/fips.h"
#include "vrng/health.h"

/* Zeros but for the first four members, which must outlive it. */
struct rngd_block_test {
	const char *name; /* of the source, for messages */
	struct vrng_log *log;
	struct rngd_account *account; /* counts the blocks */
	struct vrng_recent *recent; /* of all sources; NULL: do not look */

	struct vrng_fips fips;
	struct vrng_health health;
	bool is_primed;
	bool has_repeated; /* and that was logged */
};

/*
 * FIPS 140-2, 4.9.2: the first word of a stream is only compared with the next
 * one. Called for the first VRNG_FIPS_WORD_BYTES of each stream.
 */
void rngd_block_test_prime(struct rngd_block_test *test, const uint8_t *word);

/* Another stream begins: it has to be primed. */
void rngd_block_test_unprime(struct rngd_block_test *test);

/* Test and count a block of VRNG_FIPS_BLOCK_BYTES. True: it passed. */
bool rngd_block_test_run(struct rngd_block_test *test,
			 const struct rngd_terms *terms, const uint8_t *block);

#endif
