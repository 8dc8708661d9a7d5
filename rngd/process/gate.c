// SPDX-License-Identifier: GPL-2.0-or-later
/* Clients that wait until all that follows a VM fork is done: see gate.h. */
#include <inttypes.h>
#include <stdio.h>

#include "rngd/base/clock.h"
#include "rngd/base/number.h"
#include "rngd/process/gate.h"

/* Returns the length of the answer, or 0 to wait on. */
static size_t decide(const struct rngd_gate *gate, bool is_over, char *answer,
		     size_t size)
{
	const char *text = NULL;

	switch (rngd_renewal_freshness(gate->notice->renewal)) {
	case RNGD_FRESH:
		return (size_t)snprintf(answer, size,
					"ok generation=%" PRIu64 "\n",
					rngd_notice_generation(gate->notice));
	case RNGD_FRESH_FAILED:
		text = "failed hooks\n";
		break;
	case RNGD_FRESH_HOOKS:
		text = is_over ? "late hooks\n" : NULL;
		break;
	case RNGD_FRESH_WAITS:
	default:
		text = is_over ? "late entropy\n" : NULL;
		break;
	}
	return text ? (size_t)snprintf(answer, size, "%s", text) : 0;
}

/* Forget clients that have gone. What is left fits: see RNGD_CONTROL_PLACES. */
static void forget_gone(struct rngd_gate *gate)
{
	size_t i, kept = 0;

	for (i = 0; i < gate->clients; i++)
		if (rngd_control_waits(gate->control, gate->client[i].ticket))
			gate->client[kept++] = gate->client[i];
	gate->clients = kept;
}

/* A fork that has happened and was not handled so far counts. */
size_t rngd_gate_ask(struct rngd_gate *gate,
		     const struct rngd_control_request *request, const char *ms,
		     char *answer, size_t size)
{
	struct vrng_error error;
	uint64_t wait;
	size_t len;

	if (vrng_number(&wait, "wait-fresh", ms, 0, RNGD_GATE_MAX, &error))
		return (size_t)snprintf(answer, size, "error %s\n", error.text);
	if (vrng_sink_type(gate->sink) != VRNG_SINK_KERNEL)
		return (size_t)snprintf(answer, size,
					"error rngd feeds %s: nothing is "
					"credited to the kernel\n",
					vrng_sink_path(gate->sink));
	rngd_notice_look(gate->notice);
	len = decide(gate, !wait, answer, size);
	if (len)
		return len;
	forget_gone(gate);
	gate->client[gate->clients++] = (struct rngd_gate_client){
		.ticket = request->ticket,
		.due = vrng_now_ms() + wait,
	};
	return 0;
}

void rngd_gate_look(struct rngd_gate *gate, uint64_t now_ms)
{
	size_t i, len, kept = 0;
	char text[64];

	for (i = 0; i < gate->clients; i++) {
		len = decide(gate, now_ms >= gate->client[i].due, text,
			     sizeof(text));
		if (len)
			rngd_control_answer(gate->control,
					    gate->client[i].ticket, text, len);
		else
			gate->client[kept++] = gate->client[i];
	}
	gate->clients = kept;
}

uint64_t rngd_gate_due(const struct rngd_gate *gate)
{
	uint64_t due = 0;
	size_t i;

	for (i = 0; i < gate->clients; i++)
		if (!due || gate->client[i].due < due)
			due = gate->client[i].due;
	return due;
}
