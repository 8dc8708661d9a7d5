// SPDX-License-Identifier: GPL-2.0-or-later
/* The account of one source: see account.h. */
#include <stdio.h>

#include "rngd/base/number.h"
#include "rngd/feed/account.h"

void rngd_account_init(struct rngd_account *account)
{
	pthread_mutex_init(&account->lock, NULL);
}

void rngd_account_free(struct rngd_account *account)
{
	pthread_mutex_destroy(&account->lock);
}

void rngd_account_copy(struct rngd_account *account,
		       struct rngd_source_status *status)
{
	pthread_mutex_lock(&account->lock);
	*status = account->status;
	pthread_mutex_unlock(&account->lock);
}

const char *rngd_source_state_name(const struct rngd_source_status *status)
{
	if (status->stands_by)
		return "standby";
	return status->suspended ? "suspended" :
				   vrng_keeper_state_name(status->state);
}

/* Lock the account; unlock() ends the use of what this returns. */
static struct rngd_source_status *lock(struct rngd_account *account)
{
	pthread_mutex_lock(&account->lock);
	return &account->status;
}

static void unlock(struct rngd_account *account)
{
	pthread_mutex_unlock(&account->lock);
}

void rngd_account_state(struct rngd_account *account,
			enum vrng_keeper_state state)
{
	lock(account)->state = state;
	unlock(account);
}

void rngd_account_awaits(struct rngd_account *account, size_t held,
			 size_t awaited)
{
	struct rngd_source_status *status = lock(account);

	status->held = held;
	status->awaited = awaited;
	unlock(account);
}

void rngd_account_told(struct rngd_account *account,
		       enum vrng_keeper_state state, const char *text)
{
	struct rngd_source_status *status = lock(account);

	status->state = state;
	(void)snprintf(status->error, sizeof(status->error), "%s", text);
	unlock(account);
}

void rngd_account_suspended(struct rngd_account *account, bool suspended)
{
	struct rngd_source_status *status = lock(account);

	status->suspended = suspended;
	if (suspended)
		status->stats.suspended++;
	unlock(account);
}

void rngd_account_in(struct rngd_account *account, size_t bytes,
		     enum vrng_keeper_state state)
{
	struct rngd_source_status *status = lock(account);

	status->stats.bytes_in += bytes;
	status->state = state;
	if (status->awaited)
		status->held += bytes;
	unlock(account);
}

void rngd_account_failures(struct rngd_account *account, uint64_t failures,
			   uint64_t reopens)
{
	struct rngd_stats *stats = &lock(account)->stats;

	stats->failures = failures;
	stats->reopens = reopens;
	unlock(account);
}

bool rngd_account_refuse(struct rngd_account *account, const char *refusal)
{
	struct rngd_source_status *status = lock(account);
	bool changed = status->refusal != refusal;

	status->refusal = refusal;
	unlock(account);
	return changed;
}

void rngd_account_claim(struct rngd_account *account, uint64_t bits,
			size_t conditioned)
{
	struct rngd_stats *stats = &lock(account)->stats;

	stats->claimed +=
		vrng_least(bits, 8 * stats->bytes_in - stats->claimed);
	stats->conditioned += conditioned;
	unlock(account);
}

unsigned int rngd_account_grant(struct rngd_account *account, unsigned int bits)
{
	const struct rngd_stats *stats = &lock(account)->stats;
	uint64_t granted = vrng_least(bits, stats->claimed - stats->bits);

	unlock(account);
	return (unsigned int)granted;
}

void rngd_account_out(struct rngd_account *account, size_t bytes,
		      unsigned int bits)
{
	struct rngd_stats *stats = &lock(account)->stats;

	stats->bytes_out += bytes;
	stats->credited += bits ? bytes : 0;
	stats->bits += bits;
	unlock(account);
}

void rngd_account_dropped(struct rngd_account *account, size_t bytes)
{
	lock(account)->stats.dropped += bytes;
	unlock(account);
}

void rngd_account_block(struct rngd_account *account, size_t bytes,
			enum rngd_block verdict, uint64_t episodes,
			const unsigned int *failed)
{
	struct rngd_stats *stats = &lock(account)->stats;

	stats->health = episodes;
	stats->tested += bytes;
	if (failed)
		vrng_tally_add(&stats->tally, *failed);
	if (verdict == RNGD_BLOCK_GOOD) {
		stats->good++;
	} else {
		stats->bad++;
		stats->failed += bytes;
	}
	if (verdict == RNGD_BLOCK_REPEATED)
		stats->repeated += bytes;
	unlock(account);
}
