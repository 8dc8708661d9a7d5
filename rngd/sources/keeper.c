// SPDX-License-Identifier: GPL-2.0-or-later
/* Keeping a source open: see keeper.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "rngd/base/backoff.h"
#include "rngd/sources/keeper.h"

/* Lines about silence are this far apart at least, ms. */
#define LINES_APART 3600000

/* A silence this much longer than any before is a stall. */
#define GAPS 4

void vrng_keeper_init(struct vrng_keeper *keeper,
		      const struct vrng_keeper_setup *setup)
{
	*keeper = (struct vrng_keeper){ .setup = *setup };
	if (!keeper->setup.first_ms)
		keeper->setup.first_ms = VRNG_KEEPER_FIRST_MS;
	if (!keeper->setup.max_ms)
		keeper->setup.max_ms = VRNG_KEEPER_MAX_MS;
	if (!keeper->setup.stall_ms)
		keeper->setup.stall_ms = VRNG_KEEPER_STALL_MS;
}

static uint64_t later(uint64_t now, uint64_t ms)
{
	return ms < VRNG_KEEPER_NEVER - now ? now + ms : VRNG_KEEPER_NEVER;
}

static void tell(const struct vrng_keeper *k, const char *text)
{
	if (k->setup.tell)
		k->setup.tell(k->setup.opaque, k->state, text);
}

static void report_failure(const struct vrng_keeper *k)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "%s; %s", k->error.text,
		       k->setup.consequence);
	tell(k, text);
}

static void report_recovery(const struct vrng_keeper *k, uint64_t since,
			    uint64_t now)
{
	const uint64_t ms = now - since;
	char text[512];

	(void)snprintf(text, sizeof(text),
		       "%s: gives bytes again after %" PRIu64 ".%" PRIu64 " s",
		       vrng_source_name(k->setup.source), ms / 1000,
		       ms % 1000 / 100);
	tell(k, text);
}

static void say_stalled(struct vrng_keeper *k, uint64_t now)
{
	vrng_fail(&k->error, ETIMEDOUT,
		  "%s: stalled: no byte for %" PRIu64 " ms: %m",
		  vrng_source_name(k->setup.source), now - k->silent_since);
}

/* A failure has its own lines. */
static bool silence_is_due(struct vrng_keeper *k, uint64_t now)
{
	if (k->has_failed ||
	    (k->silence_told && now - k->silence_told < LINES_APART))
		return false;
	k->silence_told = now ? now : 1;
	return true;
}

/* The state is told at each change, the line only when it is due. */
static void report_stall(struct vrng_keeper *k, bool changed, uint64_t now)
{
	if (silence_is_due(k, now))
		report_failure(k);
	else if (changed)
		tell(k, NULL);
}

static void report_end_of_stall(struct vrng_keeper *k, uint64_t now)
{
	if (silence_is_due(k, now))
		report_recovery(k, k->silent_since, now);
	else
		tell(k, NULL);
}

/* Bytes for max_ms: a source may also give a few and fail, over and over. */
static bool had_recovered(const struct vrng_keeper *k, uint64_t now)
{
	return k->state == VRNG_KEEPER_FLOWS &&
	       now - k->flows_since >= k->setup.max_ms;
}

static void back_off(struct vrng_keeper *k, uint64_t now)
{
	if (!k->delay || had_recovered(k, now))
		k->delay = k->setup.first_ms;
	else if (k->delay <= k->setup.max_ms / 2)
		k->delay *= 2;
	else
		k->delay = k->setup.max_ms;
	k->again = later(now, k->delay);
	k->due = k->again;
}

static void close_source(struct vrng_keeper *k)
{
	if (k->is_open)
		vrng_source_close(k->setup.source);
	k->is_open = false;
	k->asked_since = 0;
}

/*
 * The source has ended or failed: close it, and reopen it later. A FIFO stays
 * open for its next writer.
 */
static ssize_t stop(struct vrng_keeper *k, enum vrng_keeper_state state,
		    uint64_t now)
{
	back_off(k, now);
	k->state = state;
	k->asked_since = 0;
	if (state != VRNG_KEEPER_ENDED || !vrng_source_stays(k->setup.source))
		close_source(k);
	if (k->has_failed)
		return -EAGAIN;
	k->has_failed = true;
	k->failed_since = now;
	k->episodes++;
	report_failure(k);
	return -EAGAIN;
}

static ssize_t failed(struct vrng_keeper *k, ssize_t err, uint64_t now)
{
	if (err == -ENODEV || err == -ENXIO)
		return stop(k, VRNG_KEEPER_UNPLUGGED, now);
	return stop(k, VRNG_KEEPER_FAILED, now);
}

static void note_gap(struct vrng_keeper *k, uint64_t now)
{
	if (k->asked_since && now - k->asked_since > k->longest_gap)
		k->longest_gap = now - k->asked_since;
}

static ssize_t flowed(struct vrng_keeper *k, ssize_t got, uint64_t now)
{
	const bool had_stalled = k->state == VRNG_KEEPER_STALLED;

	note_gap(k, now);
	if (k->state != VRNG_KEEPER_FLOWS)
		k->flows_since = now;
	k->state = VRNG_KEEPER_FLOWS;
	k->asked_since = 0;
	k->stalls = 0;
	k->due = now;
	if (k->has_failed) {
		k->has_failed = false;
		report_recovery(k, k->failed_since, now);
	} else if (had_stalled) {
		report_end_of_stall(k, now);
	}
	k->silent_since = 0;
	return got;
}

/*
 * How long a silence is no stall, ms: stall_ms, or GAPS times the longest gap
 * between bytes so far, which may be the period of a host's limit. It doubles
 * with each stall in a row, because that period is unknown before the first
 * bytes.
 */
static uint64_t patience(const struct vrng_keeper *k)
{
	const uint64_t max = VRNG_KEEPER_PATIENCE_MS;
	uint64_t ms = k->setup.stall_ms;

	if (ms >= max)
		return ms;
	if (k->longest_gap >= max / GAPS)
		return max;
	if (ms < k->longest_gap * GAPS)
		ms = k->longest_gap * GAPS;
	return vrng_doubled((unsigned int)ms, k->stalls, (unsigned int)max);
}

/*
 * When to read a source again that cannot be polled. The longer it has been
 * silent, the later.
 */
static uint64_t next_poll(const struct vrng_keeper *k, uint64_t now)
{
	uint64_t ms = (now - k->silent_since) / 16;

	if (ms < VRNG_KEEPER_POLL_MS)
		ms = VRNG_KEEPER_POLL_MS;
	if (ms > VRNG_KEEPER_POLL_MAX_MS)
		ms = VRNG_KEEPER_POLL_MAX_MS;
	return later(now, ms);
}

/* A stall is due at asked_since + patience(). */
static ssize_t wait_on(struct vrng_keeper *k, uint64_t now)
{
	k->due = later(k->asked_since, patience(k));
	if (vrng_source_fd(k->setup.source) < 0 && k->due > next_poll(k, now))
		k->due = next_poll(k, now);
	return -EAGAIN;
}

/*
 * Reopen a source only if that may end its silence. Others stay open, and are
 * waited for.
 */
static ssize_t stalled(struct vrng_keeper *k, uint64_t now)
{
	const bool changed = k->state != VRNG_KEEPER_STALLED;

	if (changed && !k->has_failed)
		k->episodes++;
	k->state = VRNG_KEEPER_STALLED;
	k->stalls++;
	say_stalled(k, now);
	if (vrng_source_revives(k->setup.source)) {
		back_off(k, now);
		close_source(k);
	} else {
		k->asked_since = now;
		(void)wait_on(k, now);
	}
	report_stall(k, changed, now);
	return -EAGAIN;
}

/* No bytes yet. */
static ssize_t dry(struct vrng_keeper *k, uint64_t now)
{
	if (!k->asked_since)
		k->asked_since = now ? now : 1;
	if (!k->silent_since)
		k->silent_since = k->asked_since;
	if (now >= later(k->asked_since, patience(k)))
		return stalled(k, now);
	return wait_on(k, now);
}

static int open_source(struct vrng_keeper *k)
{
	int ret;

	if (k->is_open)
		return 0;
	k->reopens += k->state > VRNG_KEEPER_FLOWS;
	ret = vrng_source_open(k->setup.source, &k->error);
	k->is_open = !ret;
	if (k->state == VRNG_KEEPER_CLOSED && !ret)
		k->state = VRNG_KEEPER_WAITS;
	return ret;
}

ssize_t vrng_keeper_read(struct vrng_keeper *keeper, void *buf, size_t len,
			 uint64_t now)
{
	ssize_t got;

	if (now < keeper->again) {
		keeper->due = keeper->again;
		return -EAGAIN;
	}
	keeper->again = 0;
	got = open_source(keeper);
	if (got)
		return failed(keeper, got, now);
	got = vrng_source_read(keeper->setup.source, buf, len, &keeper->error);
	if (got > 0)
		return flowed(keeper, got, now);
	if (got == -EAGAIN)
		return dry(keeper, now);
	if (got == 0)
		return stop(keeper, VRNG_KEEPER_ENDED, now);
	return failed(keeper, got, now);
}

/* During a delay the descriptor does not matter. */
int vrng_keeper_fd(const struct vrng_keeper *keeper)
{
	if (!keeper->is_open || keeper->again)
		return -1;
	return vrng_source_fd(keeper->setup.source);
}

uint64_t vrng_keeper_due(const struct vrng_keeper *keeper)
{
	return keeper->due;
}

void vrng_keeper_rest(struct vrng_keeper *keeper)
{
	keeper->asked_since = 0;
	keeper->silent_since = 0;
}

uint64_t vrng_keeper_silence(const struct vrng_keeper *keeper, uint64_t now)
{
	return keeper->silent_since ? now - keeper->silent_since : 0;
}

void vrng_keeper_close(struct vrng_keeper *keeper)
{
	close_source(keeper);
	keeper->state = VRNG_KEEPER_CLOSED;
	keeper->has_failed = false;
	keeper->silent_since = 0;
	keeper->stalls = 0;
	keeper->delay = 0;
	keeper->again = 0;
	keeper->due = 0;
}

bool vrng_keeper_is_open(const struct vrng_keeper *keeper)
{
	return keeper->is_open;
}

enum vrng_keeper_state vrng_keeper_state(const struct vrng_keeper *keeper)
{
	return keeper->state;
}

uint64_t vrng_keeper_failures(const struct vrng_keeper *keeper)
{
	return keeper->episodes;
}

uint64_t vrng_keeper_reopens(const struct vrng_keeper *keeper)
{
	return keeper->reopens;
}

const char *vrng_keeper_state_name(enum vrng_keeper_state state)
{
	static const char *const names[] = {
		[VRNG_KEEPER_CLOSED] = "closed",
		[VRNG_KEEPER_WAITS] = "waits",
		[VRNG_KEEPER_FLOWS] = "flows",
		[VRNG_KEEPER_ENDED] = "ended",
		[VRNG_KEEPER_UNPLUGGED] = "unplugged",
		[VRNG_KEEPER_STALLED] = "stalled",
		[VRNG_KEEPER_FAILED] = "failed",
	};

	return names[state];
}
