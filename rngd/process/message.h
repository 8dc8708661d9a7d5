/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages between rngd and its privileged process, over a socket pair of
 * type SOCK_SEQPACKET: each is one packet, and has one size. Answers are used by
 * the processes that open files, too (opener.h).
 *
 * The helper answers a request with a serial number other than 0, and any
 * request that fails. A credit is sent with serial number 0 once one has
 * worked, so that at rest no process wakes up for an answer that says nothing.
 * An answer to an earlier request may therefore come before the one that is
 * waited for.
 */
#ifndef RNGD_PROCESS_MESSAGE_H
#define RNGD_PROCESS_MESSAGE_H

#include <stdint.h>

#include "rngd/sinks/kernel_pool.h"

enum rngd_operation {
	RNGD_CREDIT, /* len bytes of data with bits of credit, and reseed or not */
	RNGD_RESEED
};

struct rngd_request {
	uint32_t serial; /* 0: answer only a failure */
	uint32_t operation;
	uint32_t len;
	uint32_t bits;
	uint32_t reseed; /* boolean */
	uint8_t data[VRNG_KERNEL_POOL_MAX];
};

struct rngd_answer {
	uint32_t serial; /* of the request */
	int32_t result; /* 0 or a negative errno */
};

/*
 * Send on @sock without waiting. 0 or a negative errno: -EPIPE when the helper has
 * ended, -EAGAIN while it has too much to read.
 */
int rngd_message_send_request(int sock, const struct rngd_request *request);

/* Wait for a request: 1; 0 when the other end is closed or sent nonsense. */
int rngd_message_receive_request(int sock, struct rngd_request *request);

/* Send on @sock, with descriptor @fd unless it is -1. An error is ignored. */
void rngd_message_send_answer(int sock, const struct rngd_answer *answer,
			      int fd);

/*
 * Receive with @flags of recvmsg(2). 1: *@answer is filled in, and *@fd is the
 * descriptor that came with it, which the caller closes, or -1. 0:
 * MSG_DONTWAIT, and there is none. -EPIPE when the helper has ended; another
 * negative errno.
 */
int rngd_message_receive_answer(int sock, int flags, struct rngd_answer *answer,
				int *fd);

#endif
