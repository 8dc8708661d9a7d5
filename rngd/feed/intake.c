// SPDX-License-Identifier: GPL-2.0-or-later
/* The input buffer of one source: see intake.h. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "rngd/base/number.h"
#include "rngd/base/clock.h"
#include "rngd/feed/intake.h"
#include "rngd/base/locked.h"

/* Capacity of a FIFO (pipe(7)). */
#define FIFO_SIZE 65536

static void tell(struct rngd_intake *in, bool failed, const char *text)
{
	bool changed = failed != in->has_failed;

	in->has_failed = failed;
	if (in->setup.tell && changed)
		in->setup.tell(in->setup.opaque, failed, text);
}

/*
 * Called by vrng_keeper_read(), in the thread. A stall is not a failure before
 * RNGD_SILENCE_MS.
 */
static void on_state(void *opaque, enum vrng_keeper_state state,
		     const char *text)
{
	struct rngd_intake *in = opaque;
	bool flows = state == VRNG_KEEPER_FLOWS;

	if (state != VRNG_KEEPER_STALLED) {
		in->is_silent = false;
		tell(in, !flows, text ? text : "");
	}
	if (!flows && in->setup.dry)
		in->setup.dry(in->setup.opaque);
	if (text) {
		vrng_log(in->setup.log, flows ? VRNG_LOG_INFO : VRNG_LOG_ERROR,
			 "%s", text);
		rngd_account_told(in->setup.account, state, text);
	} else if (flows) {
		rngd_account_told(in->setup.account, state, "");
	} else {
		rngd_account_state(in->setup.account, state);
	}
}

/* The keeper did not tell: it was closed meanwhile, or had seen no stall. */
static void note_recovery(struct rngd_intake *in)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "%s: gives bytes again",
		       vrng_source_name(in->setup.source));
	on_state(in, VRNG_KEEPER_FLOWS, in->is_silent ? NULL : text);
}

/* A silence of RNGD_SILENCE_MS is a failure. The keeper logs it. */
static void note_silence(struct rngd_intake *in, uint64_t now)
{
	char text[256];

	if (in->has_failed ||
	    vrng_keeper_silence(&in->keeper, now) < RNGD_SILENCE_MS)
		return;
	(void)snprintf(text, sizeof(text), "%s: no byte for %d s",
		       vrng_source_name(in->setup.source),
		       RNGD_SILENCE_MS / 1000);
	tell(in, true, text);
	in->is_silent = true;
}

int rngd_intake_make(struct rngd_intake *intake,
		     const struct rngd_intake_setup *setup)
{
	const struct vrng_keeper_setup keeper = {
		.source = setup->source,
		.consequence = "nothing is taken from it until it works again",
		.tell = on_state,
		.opaque = intake,
	};

	memset(intake, 0, sizeof(*intake));
	intake->setup = *setup;
	intake->forks = rngd_outlet_forks(setup->outlet);
	/* It may hold bytes from before a fork that came before this intake. */
	intake->drain = rngd_outlet_stale(setup->outlet);
	vrng_keeper_init(&intake->keeper, &keeper);
	intake->buf = vrng_locked_alloc(setup->size, setup->log);
	return intake->buf ? 0 : -errno;
}

void rngd_intake_free(struct rngd_intake *intake)
{
	vrng_keeper_close(&intake->keeper);
	vrng_locked_free(intake->buf, intake->setup.size);
}

/* ----------------------------------------------------------------- filling */

static void drop(struct rngd_intake *in)
{
	explicit_bzero(in->buf, in->have);
	in->have = 0;
	in->origins = 0;
}

/* Drop bytes from before a fork, and count them. */
static void drop_void(struct rngd_intake *in)
{
	rngd_account_dropped(in->setup.account, in->have);
	drop(in);
}

/* The timeout for poll(2), from @now until @due. */
static int timeout_until(uint64_t due, uint64_t now)
{
	return due == VRNG_KEEPER_NEVER ? -1 : vrng_timeout_ms(due, now);
}

/* The latest time to read again, or to note a silence. */
static uint64_t next_due(const struct rngd_intake *in, uint64_t now)
{
	uint64_t due = vrng_keeper_due(&in->keeper);
	uint64_t silence = vrng_keeper_silence(&in->keeper, now);

	if (silence && silence < RNGD_SILENCE_MS &&
	    due > now + RNGD_SILENCE_MS - silence)
		due = now + RNGD_SILENCE_MS - silence;
	return due;
}

static void note_failures(struct rngd_intake *in)
{
	in->reopens = vrng_keeper_reopens(&in->keeper);
	rngd_account_failures(in->setup.account,
			      vrng_keeper_failures(&in->keeper), in->reopens);
}

static enum rngd_flow wait_for_bytes(struct rngd_intake *in)
{
	uint64_t now = vrng_now_ms();

	note_silence(in, now);
	note_failures(in);
	rngd_account_state(in->setup.account, vrng_keeper_state(&in->keeper));
	if (!vrng_worker_wait_for(in->setup.worker, vrng_keeper_fd(&in->keeper),
				  POLLIN,
				  timeout_until(next_due(in, now), now)))
		return RNGD_STOP;
	if (in->setup.unwanted && atomic_load(in->setup.unwanted))
		return RNGD_AGAIN;
	return rngd_intake_is_void(in) ? RNGD_AGAIN : RNGD_GO_ON;
}

/* Read without waiting. True if there were bytes. */
static bool take(struct rngd_intake *in, size_t len)
{
	ssize_t got = vrng_keeper_read(&in->keeper, in->buf + in->have,
				       len - in->have, vrng_now_ms());

	if (got <= 0)
		return false;
	if (in->reopens != vrng_keeper_reopens(&in->keeper))
		note_failures(in);
	in->have += (size_t)got;
	in->origins |= 1u << vrng_source_origin(in->setup.source);
	if (in->has_failed)
		note_recovery(in);
	rngd_account_in(in->setup.account, (size_t)got,
			vrng_keeper_state(&in->keeper));
	return true;
}

enum rngd_flow rngd_intake_fill(struct rngd_intake *intake, size_t len)
{
	enum rngd_flow flow = RNGD_GO_ON;

	rngd_account_awaits(intake->setup.account, intake->have, len);
	while (flow == RNGD_GO_ON && intake->have < len) {
		if (vrng_worker_is_stopped(intake->setup.worker))
			return RNGD_STOP;
		if (!take(intake, len))
			flow = wait_for_bytes(intake);
	}
	rngd_account_awaits(intake->setup.account, 0, 0);
	if (flow == RNGD_AGAIN)
		drop_void(intake);
	return flow;
}

void rngd_intake_top_up(struct rngd_intake *intake, size_t len)
{
	while (intake->have < len && take(intake, len))
		;
}

void rngd_intake_done(struct rngd_intake *intake, size_t done)
{
	const size_t end = intake->have;

	intake->have -= done;
	memmove(intake->buf, intake->buf + done, intake->have);
	explicit_bzero(intake->buf + intake->have, end - intake->have);
	if (!intake->have)
		intake->origins = 0;
}

void rngd_intake_close(struct rngd_intake *intake)
{
	vrng_keeper_close(&intake->keeper);
	drop(intake);
}

void rngd_intake_rest(struct rngd_intake *intake)
{
	vrng_keeper_rest(&intake->keeper);
}

/* ----------------------------------------------------------------- VM forks */

bool rngd_intake_is_void(const struct rngd_intake *intake)
{
	return rngd_outlet_forks(intake->setup.outlet) != intake->forks;
}

void rngd_intake_forget(struct rngd_intake *intake)
{
	drop_void(intake);
	/* Opening it again takes longer than all else that follows a fork. */
	if (!vrng_source_holds_nothing(intake->setup.source))
		rngd_intake_close(intake);
	intake->drain = rngd_outlet_stale(intake->setup.outlet);
	intake->forks = rngd_outlet_forks(intake->setup.outlet);
}

static size_t most_to_drain(const struct rngd_intake *in)
{
	return vrng_source_stays(in->setup.source) && in->drain < FIFO_SIZE ?
		       FIFO_SIZE :
		       in->drain;
}

/* What a source holds that cannot be opened is unknown: wait until it opens. */
enum rngd_flow rngd_intake_drain(struct rngd_intake *intake)
{
	struct rngd_intake *in = intake;
	enum rngd_flow flow = RNGD_GO_ON;
	size_t left = in->drain;
	uint64_t end = 0; /* ms; begins with the first bytes */

	while (in->drain && flow == RNGD_GO_ON) {
		if (vrng_worker_is_stopped(in->setup.worker))
			return RNGD_STOP;
		if (take(in, (size_t)vrng_least(left, in->setup.size))) {
			if (!end) {
				end = vrng_now_ms() + RNGD_DRAIN_MS;
				left = most_to_drain(in);
			}
			left -= in->have;
			drop_void(in);
			if (!left || vrng_now_ms() >= end)
				in->drain = 0;
		} else if (vrng_keeper_is_open(&in->keeper)) {
			in->drain = 0;
		} else {
			flow = wait_for_bytes(in);
		}
	}
	return flow;
}
