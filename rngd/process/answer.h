/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rngd answers at its control socket. Requests: "status", "reseed" and
 * "reseed fork". Called from the main loop.
 */
#ifndef RNGD_PROCESS_ANSWER_H
#define RNGD_PROCESS_ANSWER_H

#include "rngd/process/daemon.h"

/*
 * Answer a request: a rngd_control_ask, where @opaque is the struct rngd_daemon.
 * A reseed is answered later, by rngd_answer_waiters().
 */
size_t rngd_answer_request(void *opaque, uint64_t ticket, const char *text,
			   char *answer, size_t size);

/* Answer all who wait for a reseed, if it has come to its end. */
void rngd_answer_waiters(struct rngd_daemon *d);

#endif
