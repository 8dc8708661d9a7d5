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

	*s = (struct rngd_snapshot){
		.version = VRNG_VERSION,
		.pid = (uint64_t)getpid(),
		.uptime = (vrng_now() - d->began) / 1000000000,
		.output = vrng_sink_path(d->sink),
		.output_type = type_name(vrng_sink_type(d->sink)),
		.level = level < 0 ? RNGD_SNAPSHOT_NONE : (uint64_t)level,
		.encryption = rngd_set_encryption(d->set),
		.interval = d->options.interval,
		.fed = d->was_fed,
		.generation = rngd_vmfork_generation(&d->vmfork),
		.generation_devices = d->vmfork.devices,
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

static size_t ask_reseed(struct rngd_daemon *d, uint64_t ticket, bool fork,
			 char *answer, size_t size)
{
	if (d->waiters == RNGD_CONTROL_CLIENTS)
		return answer_line(answer, size, "error too many wait already");
	d->waiting[d->waiters++] = ticket;
	rngd_daemon_renew(d, fork,
			  fork ? rngd_vmfork_stale(&d->vmfork, false) : 0,
			  rngd_vmfork_generation(&d->vmfork));
	return 0;
}

size_t rngd_answer_request(void *opaque, uint64_t ticket, const char *text,
			   char *answer, size_t size)
{
	struct rngd_daemon *d = opaque;
	struct rngd_snapshot snapshot;

	if (!strcmp(text, "status")) {
		take_snapshot(d, &snapshot);
		return rngd_status_write(&snapshot, answer, size);
	}
	if (!strcmp(text, "reseed"))
		return ask_reseed(d, ticket, false, answer, size);
	if (!strcmp(text, "reseed fork"))
		return ask_reseed(d, ticket, true, answer, size);
	return answer_line(answer, size, "error unknown request");
}

void rngd_answer_waiters(struct rngd_daemon *d)
{
	const struct rngd_renewal *r = &d->renewal;
	char text[128];
	int len;

	if (r->state != RNGD_RENEWAL_IDLE || !d->waiters)
		return;
	len = snprintf(text, sizeof(text),
		       "%s generation=%" PRIu64 " fed_ms=%" PRIu64
		       " done_ms=%" PRIu64 "\n",
		       r->fresh ? "ok" : "stale", r->generation,
		       r->fresh ? r->counts.last_fed_ms : 0,
		       r->counts.last_done_ms);
	while (d->waiters)
		rngd_control_answer(d->control, d->waiting[--d->waiters], text,
				    (size_t)len);
}
