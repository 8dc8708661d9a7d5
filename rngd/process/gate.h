/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The request "wait-fresh MS" of the control socket: an agent waits, for MS at most,
 * until all has been done that follows the last VM fork, or the start of rngd. The
 * answers are one line:
 *
 *	ok generation=N	fresh entropy was credited, the kernel uses it, hooks have ended
 *	late entropy	the time is over, and no fresh entropy was credited
 *	late hooks	the time is over, and hooks run
 *	failed hooks	a hook failed, was killed or refused, or could not be run
 *	error TEXT	rngd does not credit the kernel, or MS is no number
 *
 * If rngd ends, because its helper has or because the kernel refuses, there is no
 * answer. Called from the main loop.
 */
#ifndef RNGD_PROCESS_GATE_H
#define RNGD_PROCESS_GATE_H

#include <stddef.h>
#include <stdint.h>

#include "rngd/control/server.h"
#include "rngd/process/notice.h"
#include "rngd/sinks/sink.h"

/* The longest MS: less than RNGD_CONTROL_LATE. */
#define RNGD_GATE_MAX 90000

struct rngd_gate_client {
	uint64_t ticket; /* of the control socket */
	uint64_t due; /* ms */
};

/* The caller sets the first group, which lives longer. */
struct rngd_gate {
	struct rngd_control *control; /* answers the clients */
	const struct vrng_sink *sink; /* what is fed */
	struct rngd_notice *notice;

	struct rngd_gate_client client[RNGD_CONTROL_PLACES];
	size_t clients;
};

/* As a rngd_control_ask. @ms is the text after "wait-fresh ". */
size_t rngd_gate_ask(struct rngd_gate *gate,
		     const struct rngd_control_request *request, const char *ms,
		     char *answer, size_t size);

/* Answer the clients that need not wait any more. */
void rngd_gate_look(struct rngd_gate *gate, uint64_t now_ms);

/* When the next one's time is over, in ms of vrng_now_ms(); 0: none waits. */
uint64_t rngd_gate_due(const struct rngd_gate *gate);

#endif
