// SPDX-License-Identifier: GPL-2.0-or-later
/* A renewal after a VM fork: see renewal.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "rngd/fork/renewal.h"

static const char *reason(const struct rngd_renewal *r)
{
	return r->fork ? "VM fork" : "request";
}

static void finish(struct rngd_renewal *r, uint64_t now,
		   const struct rngd_hooks_done *done)
{
	char hooks[80] = "no hooks";

	r->state = RNGD_RENEWAL_IDLE;
	r->counts.last_done_ms = now - r->since;
	if (done)
		(void)snprintf(hooks, sizeof(hooks),
			       "%" PRIu32 " hooks run, %" PRIu32 " failed",
			       done->run, done->failed);
	if (r->fresh)
		vrng_log(r->log, VRNG_LOG_INFO,
			 "%s, generation %" PRIu64
			 ": fresh entropy after %" PRIu64
			 " ms; %s; done after %" PRIu64 " ms",
			 reason(r), r->generation, r->counts.last_fed_ms, hooks,
			 r->counts.last_done_ms);
	else
		vrng_log(r->log, VRNG_LOG_ERROR,
			 "%s, generation %" PRIu64
			 ": no fresh entropy within %d ms; %s; check the "
			 "sources",
			 reason(r), r->generation, RNGD_RENEWAL_TIMEOUT, hooks);
}

static void run_hooks(struct rngd_renewal *r, uint64_t now)
{
	int ret;

	if (!r->hooks) {
		finish(r, now, NULL);
		return;
	}
	ret = rngd_hooks_run(r->hooks, r->generation, r->fork, r->fresh);
	if (!ret) {
		r->state = RNGD_RENEWAL_HOOKS;
		return;
	}
	errno = -ret;
	vrng_log(r->log, VRNG_LOG_ERROR,
		 "fork hooks: cannot run: %m; start rngd again");
	finish(r, now, NULL);
}

void rngd_renewal_begin(struct rngd_renewal *renewal, bool fork, size_t stale,
			uint64_t generation, uint64_t now_ms)
{
	if (fork)
		renewal->counts.forks++;
	else
		renewal->counts.requests++;
	/* A request does not turn a fork that is under way into a request. */
	renewal->fork = fork || (renewal->state == RNGD_RENEWAL_FEEDING &&
				 renewal->fork);
	renewal->generation = generation;
	renewal->since = now_ms;
	renewal->state = RNGD_RENEWAL_FEEDING;
	renewal->fresh = false;
	rngd_outlet_ask(renewal->outlet, fork, stale);
}

/*
 * The reseed is sent after the credit and waited for, so the kernel has used the
 * credited bytes when this returns.
 */
void rngd_renewal_fed(struct rngd_renewal *renewal, uint64_t now_ms)
{
	struct vrng_error error;

	if (renewal->state != RNGD_RENEWAL_FEEDING)
		return;
	if (vrng_sink_reseed(rngd_outlet_sink(renewal->outlet), &error))
		vrng_log(renewal->log, VRNG_LOG_ERROR, "%s", error.text);
	renewal->fresh = true;
	renewal->counts.last_fed_ms = now_ms - renewal->since;
	run_hooks(renewal, now_ms);
}

/* A hook that was refused counts as one that ran and failed. */
static void count_refused(const struct rngd_renewal *r,
			  struct rngd_hooks_done *done)
{
	vrng_log(r->log, VRNG_LOG_ERROR,
		 "fork hooks: %" PRIu32
		 " not run, beginning with \"%s\": it is not root's alone to "
		 "write; chown root and chmod go-w",
		 done->refused, done->name);
	done->run += done->refused;
	done->failed += done->refused;
}

void rngd_renewal_hooked(struct rngd_renewal *renewal, uint64_t now_ms)
{
	struct rngd_hooks_done done;
	int ret = rngd_hooks_take(renewal->hooks, &done);

	if (!ret)
		return;
	if (ret < 0) {
		vrng_log(renewal->log, VRNG_LOG_ERROR,
			 "fork hooks: their process has ended; start rngd "
			 "again");
		renewal->hooks = NULL;
		if (renewal->state == RNGD_RENEWAL_HOOKS)
			finish(renewal, now_ms, NULL);
		return;
	}
	if (done.refused)
		count_refused(renewal, &done);
	renewal->counts.hooks_run += done.run;
	renewal->counts.hooks_failed += done.failed;
	if (renewal->state == RNGD_RENEWAL_HOOKS &&
	    done.generation == renewal->generation)
		finish(renewal, now_ms, &done);
}

uint64_t rngd_renewal_due(const struct rngd_renewal *renewal)
{
	return renewal->state == RNGD_RENEWAL_FEEDING ?
		       renewal->since + RNGD_RENEWAL_TIMEOUT :
		       0;
}

void rngd_renewal_late(struct rngd_renewal *renewal, uint64_t now_ms)
{
	if (renewal->state == RNGD_RENEWAL_FEEDING &&
	    now_ms >= renewal->since + RNGD_RENEWAL_TIMEOUT)
		run_hooks(renewal, now_ms);
}
