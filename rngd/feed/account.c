// SPDX-License-Identifier: GPL-2.0-or-later
/* The account of one source: see account.h. */
#include <stdio.h>

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
	unlock(account);
}

void rngd_account_out(struct rngd_account *account, size_t bytes,
		      unsigned int bits)
{
	struct rngd_source_status *status = lock(account);

	status->stats.bytes_out += bytes;
	status->stats.bits += bits;
	unlock(account);
}

void rngd_account_dropped(struct rngd_account *account, size_t bytes)
{
	lock(account)->stats.dropped += bytes;
	unlock(account);
}

void rngd_account_block(struct rngd_account *account, bool good,
			uint64_t episodes, const unsigned int *failed)
{
	struct rngd_stats *stats = &lock(account)->stats;

	stats->health = episodes;
	if (failed)
		vrng_tally_add(&stats->tally, *failed);
	if (good)
		stats->good++;
	else
		stats->bad++;
	unlock(account);
}
