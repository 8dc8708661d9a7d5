/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A renewal follows a VM fork, or a request for the same: what feeders hold is
 * dropped, fresh entropy is credited, the kernel reseeds, and hooks run. If no
 * source gives fresh entropy within RNGD_RENEWAL_TIMEOUT, hooks run all the same
 * and are told so. After a fork they then run once more when fresh entropy has come.
 *
 *	begin -> RNGD_EVENT_FED -> fed -> hooks end -> hooked -> tell
 *	            timeout -> late -----^
 *
 * Each renewal has the number of its request to the outlet. Several may be under way:
 * each is met by a block that was begun after it, by its own deadline, and is told
 * after a run of the hooks that began after that. Renewals that are met together
 * share a run, and so do those that are met while the hooks run for others.
 *
 * All functions are for the main loop.
 */
#ifndef RNGD_FORK_RENEWAL_H
#define RNGD_FORK_RENEWAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rngd/fork/hooks.h"
#include "rngd/base/log.h"
#include "rngd/feed/outlet.h"

#define RNGD_RENEWAL_TIMEOUT 5000 /* ms */

/*
 * Renewals that wait for entropy and are told apart. A further one is joined to the
 * last of them, and has its deadline.
 */
#define RNGD_RENEWAL_WAITING 16

/* One renewal, or several that were joined. */
struct rngd_renewal_round {
	const char *source; /* the sign of the first fork, or "request" */
	uint64_t number; /* of the last one */
	uint64_t generation; /* of the last one */
	uint64_t since; /* ms, of the first one */
	uint64_t renewals; /* how many were joined */
	uint64_t fed_ms; /* from @since to fresh entropy */
	bool fork; /* of any */
	bool fresh;
	bool is_well; /* it has ended, and no hook failed or was refused */
};

/* All zero at the start. */
struct rngd_renewal_counts {
	uint64_t forks;
	uint64_t requests;
	uint64_t failed; /* of both: no fresh entropy came in time */
	uint64_t hooks_run; /* refused ones included, here and in hooks_failed */
	uint64_t hooks_failed; /* and runs that could not be made */
	uint64_t last_fed_ms; /* of the last one: from its start to fresh entropy */
	uint64_t last_done_ms; /* and to the end of its hooks */
};

/* What has been done since the last fork, or since the start. */
enum rngd_freshness {
	RNGD_FRESH, /* all of it */
	RNGD_FRESH_WAITS, /* no fresh entropy was credited so far */
	RNGD_FRESH_HOOKS, /* hooks run, or wait for their run */
	RNGD_FRESH_FAILED /* a hook failed, was refused or could not be run */
};

struct rngd_renewal {
	struct rngd_outlet *outlet;
	struct rngd_hooks *hooks; /* NULL: none */
	struct vrng_log *log;

	/* All renewals up to @round's number have ended. NULL: do not tell. */
	void (*tell)(void *opaque, const struct rngd_renewal_round *round);
	/* Write the clone's ID to @id, before hooks run. NULL: there is none. */
	void (*identify)(void *opaque, char id[RNGD_HOOK_ID]);
	void *opaque;

	struct rngd_renewal_round last; /* that has ended; number 0: none */
	uint64_t fork; /* number of the last one; 0: none */
	uint64_t done; /* rounds with fresh entropy up to this number have ended */
	bool is_well; /* the last of them */
	bool lost_hooks; /* their process has ended */
	struct rngd_renewal_round
		overdue; /* fork that was late; number 0: none */
	struct rngd_renewal_round
		waiting[RNGD_RENEWAL_WAITING]; /* oldest first */
	size_t waits;
	struct rngd_renewal_round running; /* its hooks run; number 0: none do */
	struct rngd_renewal_round next; /* runs them after that; number 0: none */
	struct rngd_renewal_counts counts;
};

/*
 * Begin a renewal; @stale as for rngd_outlet_ask(). @sign names what shows a VM fork,
 * and is static; NULL: it is a request. Returns its number. The caller wakes the
 * feeders afterwards.
 */
uint64_t rngd_renewal_begin(struct rngd_renewal *renewal, const char *sign,
			    size_t stale, uint64_t generation, uint64_t now_ms);

/*
 * Begin the last fork's renewal anew, with its deadline, because the fork may have
 * happened after it began: *@number is its new number. False: it does not wait for
 * entropy any more.
 */
bool rngd_renewal_restart(struct rngd_renewal *renewal, size_t stale,
			  uint64_t *number);

enum rngd_freshness rngd_renewal_freshness(const struct rngd_renewal *renewal);

/* RNGD_EVENT_FED was taken from the outlet: the kernel uses it. Run the hooks. */
void rngd_renewal_fed(struct rngd_renewal *renewal, uint64_t now_ms);

/* The descriptor of the hooks is readable. Sets @hooks to NULL if they ended. */
void rngd_renewal_hooked(struct rngd_renewal *renewal, uint64_t now_ms);

/* When to call rngd_renewal_late(), in ms of vrng_now_ms(); 0: never. */
uint64_t rngd_renewal_due(const struct rngd_renewal *renewal);
void rngd_renewal_late(struct rngd_renewal *renewal, uint64_t now_ms);

#endif
