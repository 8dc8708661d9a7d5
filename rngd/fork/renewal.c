// SPDX-License-Identifier: GPL-2.0-or-later
/* A renewal after a VM fork: see renewal.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rngd/fork/renewal.h"

/* ------------------------------------------------------------------- rounds */

static void settle(struct rngd_renewal *r, size_t n, bool fresh, uint64_t now);

static const char *reason(const struct rngd_renewal_round *round)
{
	return round->fork ? "VM fork" : "request";
}

static void log_end(struct rngd_renewal *r,
		    const struct rngd_renewal_round *round,
		    const struct rngd_hooks_done *done)
{
	char hooks[80] = "no hooks";

	if (done)
		(void)snprintf(hooks, sizeof(hooks),
			       "%" PRIu32 " hooks run, %" PRIu32 " failed",
			       done->run, done->failed);
	if (round->fresh)
		vrng_log(r->log, VRNG_LOG_INFO,
			 "%s, generation %" PRIu64
			 ": fresh entropy after %" PRIu64
			 " ms; %s; done after %" PRIu64 " ms",
			 reason(round), round->generation, round->fed_ms, hooks,
			 r->counts.last_done_ms);
	else
		vrng_log(r->log, VRNG_LOG_ERROR,
			 "%s, generation %" PRIu64
			 ": no fresh entropy within %d ms; %s; check the "
			 "sources",
			 reason(round), round->generation, RNGD_RENEWAL_TIMEOUT,
			 hooks);
}

/* Its hooks have run, or there are none. */
static void finish(struct rngd_renewal *r,
		   const struct rngd_renewal_round *round, uint64_t now,
		   const struct rngd_hooks_done *done)
{
	r->last = *round;
	r->last.is_well = !r->lost_hooks && (done ? !done->failed : !r->hooks);
	r->counts.last_done_ms = now - round->since;
	if (round->fresh) {
		r->counts.last_fed_ms = round->fed_ms;
		if (r->done < round->number)
			r->done = round->number;
		r->is_well = r->last.is_well;
	}
	log_end(r, round, done);
	if (r->tell)
		r->tell(r->opaque, &r->last);
}

/* True if hooks run for @round now. */
static bool run_hooks(struct rngd_renewal *r,
		      const struct rngd_renewal_round *round)
{
	struct rngd_hooks_order order = {
		.number = round->number,
		.generation = round->generation,
		.fork = round->fork,
		.fresh = round->fresh,
	};
	int ret;

	if (!r->hooks)
		return false;
	if (r->identify)
		r->identify(r->opaque, order.clone_id);
	(void)snprintf(order.source, sizeof(order.source), "%s", round->source);
	ret = rngd_hooks_run(r->hooks, &order);
	if (!ret)
		return true;
	errno = -ret;
	vrng_log(r->log, VRNG_LOG_ERROR,
		 "fork hooks: cannot run: %m; start rngd again");
	r->counts.hooks_failed++;
	return false;
}

/* @round is later than @to. */
static void join(struct rngd_renewal_round *to,
		 const struct rngd_renewal_round *round)
{
	const struct rngd_renewal_round first = *to;

	*to = *round;
	if (!first.number)
		return;
	to->since = first.since;
	to->renewals += first.renewals;
	to->fork = first.fork || round->fork;
	if (first.fork)
		to->source = first.source;
	if (round->fresh)
		to->fed_ms = first.fresh ?
				     first.fed_ms :
				     round->fed_ms + round->since - first.since;
}

/* Run the hooks for @round, after those that run. Without hooks it has ended. */
static void go_on(struct rngd_renewal *r,
		  const struct rngd_renewal_round *round, uint64_t now)
{
	if (r->running.number)
		join(&r->next, round);
	else if (run_hooks(r, round))
		r->running = *round;
	else
		finish(r, round, now, NULL);
}

/* The hooks of the round that runs have ended; @done is NULL if their process has. */
static void end_running(struct rngd_renewal *r, uint64_t now,
			const struct rngd_hooks_done *done)
{
	const struct rngd_renewal_round next = r->next;

	finish(r, &r->running, now, done);
	r->running.number = 0;
	r->next.number = 0;
	if (next.number)
		go_on(r, &next, now);
	settle(r, 0, true, now);
}

/* ------------------------------------------------------------------ waiting */

/*
 * Fresh entropy has come for a fork that was late. A later round that was late, too,
 * has its run of the hooks first.
 */
static bool can_make_up(const struct rngd_renewal *r, size_t n)
{
	return r->overdue.number &&
	       r->overdue.number <= rngd_outlet_met(r->outlet) &&
	       (n || !r->next.number);
}

/* The first @n that wait go on as one round, with a fork that was late. */
static void settle(struct rngd_renewal *r, size_t n, bool fresh, uint64_t now)
{
	struct rngd_renewal_round round = { .number = 0 };
	size_t i;

	if (fresh && can_make_up(r, n)) {
		round = r->overdue;
		r->overdue.number = 0;
	}
	for (i = 0; i < n; i++)
		join(&round, &r->waiting[i]);
	if (!round.number)
		return;
	r->waits -= n;
	memmove(r->waiting, r->waiting + n, r->waits * sizeof(r->waiting[0]));
	r->counts.failed += fresh ? 0 : round.renewals;
	round.fresh = fresh;
	round.fed_ms = fresh ? now - round.since : 0;
	if (!fresh && round.fork)
		r->overdue = round;
	go_on(r, &round, now);
}

uint64_t rngd_renewal_begin(struct rngd_renewal *renewal, const char *sign,
			    size_t stale, uint64_t generation, uint64_t now_ms)
{
	const bool fork = sign != NULL;
	const struct rngd_renewal_round round = {
		.source = sign ? sign : "request",
		.number = rngd_outlet_ask(renewal->outlet, fork, stale),
		.generation = generation,
		.since = now_ms,
		.renewals = 1,
		.fork = fork,
	};

	if (fork) {
		renewal->counts.forks++;
		renewal->fork = round.number;
	} else {
		renewal->counts.requests++;
	}
	if (renewal->waits < RNGD_RENEWAL_WAITING)
		renewal->waiting[renewal->waits++] = round;
	else
		join(&renewal->waiting[renewal->waits - 1], &round);
	return round.number;
}

bool rngd_renewal_restart(struct rngd_renewal *renewal, size_t stale,
			  uint64_t *number)
{
	struct rngd_renewal_round *last;

	if (!renewal->waits)
		return false;
	last = &renewal->waiting[renewal->waits - 1];
	if (!last->fork)
		return false;
	last->number = rngd_outlet_ask(renewal->outlet, true, stale);
	renewal->fork = last->number;
	*number = last->number;
	return true;
}

enum rngd_freshness rngd_renewal_freshness(const struct rngd_renewal *renewal)
{
	if (!rngd_outlet_is_credited(renewal->outlet) ||
	    rngd_outlet_met(renewal->outlet) < renewal->fork)
		return RNGD_FRESH_WAITS;
	if (renewal->done < renewal->fork)
		return RNGD_FRESH_HOOKS;
	if (renewal->done && !renewal->is_well)
		return RNGD_FRESH_FAILED;
	return RNGD_FRESH;
}

void rngd_renewal_fed(struct rngd_renewal *renewal, uint64_t now_ms)
{
	const uint64_t met = rngd_outlet_met(renewal->outlet);
	size_t n = 0;

	while (n < renewal->waits && renewal->waiting[n].number <= met)
		n++;
	settle(renewal, n, true, now_ms);
}

uint64_t rngd_renewal_due(const struct rngd_renewal *renewal)
{
	return renewal->waits ?
		       renewal->waiting[0].since + RNGD_RENEWAL_TIMEOUT :
		       0;
}

void rngd_renewal_late(struct rngd_renewal *renewal, uint64_t now_ms)
{
	size_t n = 0;

	while (n < renewal->waits &&
	       now_ms >= renewal->waiting[n].since + RNGD_RENEWAL_TIMEOUT)
		n++;
	settle(renewal, n, false, now_ms);
}

/* -------------------------------------------------------------------- hooks */

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
		renewal->counts.hooks_failed++;
		renewal->hooks = NULL;
		renewal->lost_hooks = true;
		if (renewal->running.number)
			end_running(renewal, now_ms, NULL);
		return;
	}
	if (done.refused)
		count_refused(renewal, &done);
	renewal->counts.hooks_run += done.run;
	renewal->counts.hooks_failed += done.failed;
	if (done.number == renewal->running.number)
		end_running(renewal, now_ms, &done);
}
