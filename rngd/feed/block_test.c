// SPDX-License-Identifier: GPL-2.0-or-later
/* The tests of one source's blocks: see block_test.h. */
#include <inttypes.h>

#include "rngd/feed/block_test.h"

#define BLOCK VRNG_FIPS_BLOCK_BYTES

void rngd_block_test_prime(struct rngd_block_test *test, const uint8_t *word)
{
	vrng_fips_init(&test->fips, word);
	test->is_primed = true;
}

void rngd_block_test_unprime(struct rngd_block_test *test)
{
	test->is_primed = false;
}

static void log_block(const struct rngd_block_test *test, bool healthy,
		      const struct vrng_fips_result *result)
{
	const struct vrng_fips_stats *s = &result->stats;

	vrng_log(test->log, VRNG_LOG_DEBUG,
		 "%s: block %s (health %s, failed tests 0x%02x): ones %" PRIu32
		 ", poker %" PRIu32 ", longest run %" PRIu32
		 ", repeated words %" PRIu32,
		 test->name, healthy && !result->failed ? "passed" : "failed",
		 healthy ? "good" : "bad", result->failed, s->ones, s->poker,
		 s->longest, s->repeats);
}

/*
 * A raw source is tested by the cut-offs of its claim. One that claims 8 bits a
 * byte is tested by those of one bit: FIPS 140-2 finds more, and at a gigabit a
 * second the cut-offs for 8 bits fail by chance every few seconds.
 */
static bool is_healthy(struct rngd_block_test *test,
		       const struct rngd_terms *terms, const uint8_t *block)
{
	if (rngd_terms_are_raw(terms))
		return vrng_health_pass_limits(&test->health, &terms->limits,
					       block, BLOCK);
	return vrng_health_pass(&test->health, block, BLOCK);
}

/* Logged once a source: rngctl shows how much it is. */
static bool has_come_before(struct rngd_block_test *test,
			    const struct rngd_terms *terms,
			    const uint8_t *block)
{
	unsigned int entropy = rngd_terms_are_raw(terms) ? terms->entropy : 0;
	size_t window = vrng_recent_window(BLOCK, entropy);

	if (!test->recent ||
	    !vrng_recent_seen(test->recent, block, BLOCK, window))
		return false;
	if (!test->has_repeated)
		vrng_log(
			test->log, VRNG_LOG_ERROR,
			"%s: gave bytes that have come before, from it or from "
			"another source; such blocks are dropped",
			test->name);
	test->has_repeated = true;
	return true;
}

bool rngd_block_test_run(struct rngd_block_test *test,
			 const struct rngd_terms *terms, const uint8_t *block)
{
	const bool raw = rngd_terms_are_raw(terms);
	enum rngd_block verdict = RNGD_BLOCK_GOOD;
	struct vrng_fips_result result = { 0 };
	bool healthy = is_healthy(test, terms, block);

	if (!raw)
		vrng_fips_check(&test->fips, block, &result);
	if (!healthy || result.failed)
		verdict = RNGD_BLOCK_BAD;
	else if (has_come_before(test, terms, block))
		verdict = RNGD_BLOCK_REPEATED;
	if (test->log->debug)
		log_block(test, healthy, &result);
	rngd_account_block(test->account, BLOCK, verdict, test->health.episodes,
			   raw ? NULL : &result.failed);
	return verdict == RNGD_BLOCK_GOOD;
}
