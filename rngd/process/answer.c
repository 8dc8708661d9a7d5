// SPDX-License-Identifier: GPL-2.0-or-later
/* What rngd answers at its control socket: see answer.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/control/status.h"
#include "rngd/feed/set.h"
#include "rngd/process/answer.h"
#include "vrng/version.h"

#define WAIT_FRESH "wait-fresh "

static const char *type_name(enum vrng_sink_type type)
{
	switch (type) {
	case VRNG_SINK_KERNEL:
		return "kernel";
	case VRNG_SINK_FILE:
		return "file";
	case VRNG_SINK_FIFO:
		return "fifo";
	case VRNG_SINK_NONE:
	default:
		return "none";
	}
}

static void take_snapshot(struct rngd_daemon *d, struct rngd_snapshot *s)
{
	int level = vrng_sink_level(d->sink);
	const bool has_hwrng = vrng_hwrng_look(&d->hwrng);

	rngd_notice_names(&d->notice, d->signs, sizeof(d->signs));
	*s = (struct rngd_snapshot){
		.version = VRNG_VERSION,
		.pid = (uint64_t)getpid(),
		.uptime = (vrng_now() - d->began) / VRNG_NS_PER_S,
		.output = vrng_sink_path(d->sink),
		.output_type = type_name(vrng_sink_type(d->sink)),
		.level = level < 0 ? RNGD_SNAPSHOT_NONE : (uint64_t)level,
		.encryption = rngd_set_encryption(d->set),
		.hwrng = has_hwrng ? d->hwrng.current : NULL,
		.hwrng_quality = d->hwrng.quality < 0 ?
					 RNGD_SNAPSHOT_NONE :
					 (uint64_t)d->hwrng.quality,
		.hwrng_idle = *d->hwrng.idle ? d->hwrng.idle : NULL,
		.interval = d->options.interval,
		.fed = d->was_fed,
		.generation = rngd_vmfork_generation(&d->notice.vmfork),
		.generation_devices = d->notice.vmfork.devices,
		.signs = d->signs,
		.renewal = d->renewal.counts,
	};
	rngd_set_report(d->set, &s->feed);
	rngd_summary_waiting(d->waiting_for, sizeof(d->waiting_for), &s->feed,
			     d->was_fed);
	s->waiting = d->waiting_for;
}

static size_t answer_line(char *answer, size_t size, const char *text)
{
	return (size_t)snprintf(answer, size, "%s\n", text);
}

/* Forget clients that have gone. What is left fits: see RNGD_CONTROL_PLACES. */
static void forget_gone(struct rngd_daemon *d)
{
	size_t i, kept = 0;

	for (i = 0; i < d->waiters; i++)
		if (rngd_control_waits(d->control, d->waiter[i].ticket))
			d->waiter[kept++] = d->waiter[i];
	d->waiters = kept;
}

static size_t refuse_for_now(uint64_t ms, char *answer, size_t size)
{
	return (size_t)snprintf(answer, size,
				"error too many in a minute; try again in "
				"%" PRIu64 " s\n",
				(ms + 999) / 1000);
}

static size_t ask_fork(struct rngd_daemon *d,
		       const struct rngd_control_request *request, char *answer,
		       size_t size, uint64_t *number)
{
	const uint64_t wait =
		rngd_limit_take(&d->forks, RNGD_LIMIT_FORKS, vrng_now_ms());

	if (wait)
		return refuse_for_now(wait, answer, size);
	vrng_log(&d->log, VRNG_LOG_INFO,
		 "VM fork: reported by process %ld of user %lu",
		 (long)request->pid, (unsigned long)request->uid);
	*number = rngd_notice_report(&d->notice);
	return 0;
}

static size_t ask_reseed(struct rngd_daemon *d, char *answer, size_t size,
			 uint64_t *number)
{
	const uint64_t wait = rngd_limit_take(&d->requests, RNGD_LIMIT_REQUESTS,
					      vrng_now_ms());

	if (wait)
		return refuse_for_now(wait, answer, size);
	*number = rngd_notice_request(&d->notice);
	return 0;
}

/* Where nothing is fresh the client is told that, whatever hooks did. */
static const char *verdict(const struct rngd_renewal_round *round)
{
	if (!round->fresh)
		return "stale";
	return round->is_well ? "ok" : "failed";
}

static size_t write_end(const struct rngd_daemon *d,
			const struct rngd_renewal_round *round, char *text,
			size_t size)
{
	return (size_t)snprintf(text, size,
				"%s generation=%" PRIu64 " fed_ms=%" PRIu64
				" done_ms=%" PRIu64 "\n",
				verdict(round), round->generation,
				round->fed_ms, d->renewal.counts.last_done_ms);
}

/*
 * A renewal never ends within the call that begins it: the client is noted in time.
 * That of a fork which was known may have ended before.
 */
static size_t ask_renewal(struct rngd_daemon *d,
			  const struct rngd_control_request *request, bool fork,
			  char *answer, size_t size)
{
	uint64_t number = 0;
	size_t len = fork ? ask_fork(d, request, answer, size, &number) :
			    ask_reseed(d, answer, size, &number);

	if (len)
		return len;
	if (number <= d->renewal.last.number)
		return write_end(d, &d->renewal.last, answer, size);
	forget_gone(d);
	d->waiter[d->waiters++] = (struct rngd_waiter){
		.ticket = request->ticket,
		.number = number,
	};
	return 0;
}

size_t rngd_answer_request(void *opaque,
			   const struct rngd_control_request *request,
			   char *answer, size_t size)
{
	struct rngd_daemon *d = opaque;
	struct rngd_snapshot snapshot;

	if (!strcmp(request->text, "status")) {
		take_snapshot(d, &snapshot);
		return rngd_status_write(&snapshot, answer, size);
	}
	if (!strcmp(request->text, "reseed"))
		return ask_renewal(d, request, false, answer, size);
	if (!strcmp(request->text, "reseed fork"))
		return ask_renewal(d, request, true, answer, size);
	if (!strncmp(request->text, WAIT_FRESH, sizeof(WAIT_FRESH) - 1))
		return rngd_gate_ask(&d->gate, request,
				     request->text + sizeof(WAIT_FRESH) - 1,
				     answer, size);
	return answer_line(answer, size, "error unknown request");
}

void rngd_answer_waiters(void *opaque, const struct rngd_renewal_round *round)
{
	struct rngd_daemon *d = opaque;
	size_t i, kept = 0;
	char text[128];
	const size_t len = write_end(d, round, text, sizeof(text));

	rngd_notice_done(&d->notice);
	for (i = 0; i < d->waiters; i++)
		if (d->waiter[i].number > round->number)
			d->waiter[kept++] = d->waiter[i];
		else
			rngd_control_answer(d->control, d->waiter[i].ticket,
					    text, len);
	d->waiters = kept;
}
