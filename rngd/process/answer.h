/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rngd answers at its control socket. Requests: "status", "reseed",
 * "reseed fork" and "wait-fresh MS" (gate.h). Called from the main loop.
 */
#ifndef RNGD_PROCESS_ANSWER_H
#define RNGD_PROCESS_ANSWER_H

#include "rngd/process/daemon.h"

/*
 * Answer a request: a rngd_control_ask, where @opaque is the struct rngd_daemon.
 * A reseed is answered later, by rngd_answer_waiters(), or refused if there were too
 * many in a minute (rngd/fork/limit.h).
 */
size_t rngd_answer_request(void *opaque,
			   const struct rngd_control_request *request,
			   char *answer, size_t size);

/* Answer the clients whose renewals end with @round: the tell of struct rngd_renewal. */
void rngd_answer_waiters(void *opaque, const struct rngd_renewal_round *round);

#endif
