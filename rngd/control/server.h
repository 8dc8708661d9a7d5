/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: one request line a connection, one answer, and it is
 * closed. What the lines mean is the caller's business; here they are bounded:
 * in length, in time, and in how many are served at once.
 *
 *	request	up to RNGD_CONTROL_LINE bytes and a newline
 *	answer	any text; written as the reader takes it
 */
#ifndef RNGD_CONTROL_SERVER_H
#define RNGD_CONTROL_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "rngd/base/ours.h"
#include "vrng/error.h"

#define RNGD_CONTROL_LINE    255
#define RNGD_CONTROL_CLIENTS 8
#define RNGD_CONTROL_TIMEOUT 15000 /* ms for a whole connection */

struct rngd_control;

/*
 * A request: @text is its line, without the newline and only of printable
 * characters. Write the answer to @answer (@size bytes) and return its length,
 * or 0 to give it later, by rngd_control_answer() with @ticket.
 */
typedef size_t rngd_control_ask(void *opaque, uint64_t ticket, const char *text,
				char *answer, size_t size);

/*
 * Listen at @path, which must live as long, and is taken over if nobody listens
 * there, with mode 0600, or 0660 where @gid is not -1. -EADDRINUSE if somebody
 * does.
 */
int rngd_control_open(struct rngd_control **control, const char *path,
		      gid_t gid, rngd_control_ask *ask, void *opaque,
		      struct vrng_error *error);

/* What is to be removed at the end, by whoever may. */
const struct vrng_ours *rngd_control_file(const struct rngd_control *control);

/* An epoll descriptor: readable when there is something to serve. -1 for NULL. */
int rngd_control_fd(const struct rngd_control *control);

/* Serve what there is, never waiting. */
void rngd_control_serve(struct rngd_control *control, uint64_t now_ms);

/* When to serve at the latest though nothing is readable; 0: never. */
uint64_t rngd_control_due(const struct rngd_control *control);

void rngd_control_answer(struct rngd_control *control, uint64_t ticket,
			 const char *text, size_t len);

/* The socket's file stays. NULL is nothing. */
void rngd_control_close(struct rngd_control *control);

#endif
