// SPDX-License-Identifier: GPL-2.0-or-later
/* What is held of one source: see intake.h. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "rngd/clock.h"
#include "rngd/intake.h"
#include "rngd/locked.h"

/* The hwrng core may hold up to 63 bytes of before a fork: so many are dropped. */
#define DRAIN 64

/* From vrng_keeper_read(), so in the thread. */
static void on_state(void *opaque, enum vrng_keeper_state state,
		     const char *text)
{
	struct rngd_intake *in = opaque;
	bool ill = state != VRNG_KEEPER_FLOWS;
	bool changed = ill != in->is_ill;

	rngd_log(in->setup.log, ill ? RNGD_LOG_ERROR : RNGD_LOG_INFO, "%s",
		 text);
	rngd_account_told(in->setup.account, state, text);
	in->is_ill = ill;
	if (in->setup.tell && changed)
		in->setup.tell(in->setup.opaque, ill, text);
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
	vrng_keeper_init(&intake->keeper, &keeper);
	intake->buf = rngd_locked_alloc(setup->size);
	return intake->buf ? 0 : -errno;
}

void rngd_intake_free(struct rngd_intake *intake)
{
	vrng_keeper_close(&intake->keeper);
	rngd_locked_free(intake->buf, intake->setup.size);
}

/* ----------------------------------------------------------------- filling */

static void drop(struct rngd_intake *in)
{
	explicit_bzero(in->buf, in->have);
	in->have = 0;
}

/* What was of before a fork is counted. */
static void drop_void(struct rngd_intake *in)
{
	rngd_account_dropped(in->setup.account, in->have);
	drop(in);
}

/* Poll's timeout until @due, in ms from @now. */
static int until(uint64_t due, uint64_t now)
{
	if (due == VRNG_KEEPER_NEVER)
		return -1;
	if (due <= now)
		return 0;
	return due - now < INT32_MAX ? (int)(due - now) : INT32_MAX;
}

static enum rngd_flow wait_for_bytes(struct rngd_intake *in)
{
	uint64_t now = vrng_now_ms();

	rngd_account_state(in->setup.account, vrng_keeper_state(&in->keeper));
	if (!rngd_worker_wait_for(in->setup.worker, vrng_keeper_fd(&in->keeper),
				  POLLIN,
				  until(vrng_keeper_due(&in->keeper), now)))
		return RNGD_STOP;
	return rngd_intake_is_void(in) ? RNGD_AGAIN : RNGD_GO_ON;
}

/* What comes at once. True if that was anything. */
static bool take(struct rngd_intake *in, size_t len)
{
	ssize_t got = vrng_keeper_read(&in->keeper, in->buf + in->have,
				       len - in->have, vrng_now_ms());

	if (got <= 0)
		return false;
	in->have += (size_t)got;
	rngd_account_in(in->setup.account, (size_t)got,
			vrng_keeper_state(&in->keeper));
	return true;
}

enum rngd_flow rngd_intake_fill(struct rngd_intake *intake, size_t len)
{
	enum rngd_flow flow = RNGD_GO_ON;

	while (flow == RNGD_GO_ON && intake->have < len) {
		if (rngd_worker_is_stopped(intake->setup.worker))
			return RNGD_STOP;
		if (!take(intake, len))
			flow = wait_for_bytes(intake);
	}
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
	rngd_intake_close(intake);
	intake->drain = DRAIN;
	intake->forks = rngd_outlet_forks(intake->setup.outlet);
}

enum rngd_flow rngd_intake_drain(struct rngd_intake *intake)
{
	enum rngd_flow flow;

	if (!intake->drain)
		return RNGD_GO_ON;
	flow = rngd_intake_fill(intake, intake->drain);
	if (flow == RNGD_GO_ON) {
		drop_void(intake);
		intake->drain = 0;
	}
	return flow;
}
