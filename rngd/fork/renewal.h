/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A renewal follows a VM fork, or a request for the same: what feeders hold is
 * dropped, fresh entropy is credited, the kernel reseeds, and hooks run. If no
 * source gives fresh entropy within RNGD_RENEWAL_TIMEOUT, hooks run all the same
 * and are told so.
 *
 *	begin -> RNGD_EVENT_FED -> fed -> hooks end -> hooked
 *	            timeout -> late -----^
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

enum rngd_renewal_state {
	RNGD_RENEWAL_IDLE,
	RNGD_RENEWAL_FEEDING,
	RNGD_RENEWAL_HOOKS
};

/* All zero at the start. */
struct rngd_renewal_counts {
	uint64_t forks;
	uint64_t requests;
	uint64_t hooks_run; /* refused ones included, here and in hooks_failed */
	uint64_t hooks_failed;
	uint64_t last_fed_ms; /* of the last one: from its start to fresh entropy */
	uint64_t last_done_ms; /* and to the end of its hooks */
};

struct rngd_renewal {
	struct rngd_outlet *outlet;
	struct rngd_hooks *hooks; /* NULL: none */
	struct vrng_log *log;

	enum rngd_renewal_state state;
	bool fork;
	bool fresh;
	uint64_t generation;
	uint64_t since; /* ms */
	struct rngd_renewal_counts counts;
};

/*
 * Begin a renewal, or begin the one under way again; @stale as for
 * rngd_outlet_ask(). The caller wakes the feeders afterwards.
 */
void rngd_renewal_begin(struct rngd_renewal *renewal, bool fork, size_t stale,
			uint64_t generation, uint64_t now_ms);

/* RNGD_EVENT_FED was taken from the outlet: reseed the kernel and run the hooks. */
void rngd_renewal_fed(struct rngd_renewal *renewal, uint64_t now_ms);

/* The descriptor of the hooks is readable. Sets @hooks to NULL if they ended. */
void rngd_renewal_hooked(struct rngd_renewal *renewal, uint64_t now_ms);

/* When to call rngd_renewal_late(), in ms of vrng_now_ms(); 0: never. */
uint64_t rngd_renewal_due(const struct rngd_renewal *renewal);
void rngd_renewal_late(struct rngd_renewal *renewal, uint64_t now_ms);

#endif
