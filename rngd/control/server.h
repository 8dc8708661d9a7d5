/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket. A connection carries one request, a line, and one answer; then
 * it is closed. This file bounds a request in length and time, and how many
 * connections are served at once; the caller gives the requests their meaning.
 *
 *	request	up to RNGD_CONTROL_LINE printable bytes and a newline
 *	answer	text of any form; written as the client reads it
 *
 * A client is served if it is root, the user who opened the socket, or of the group
 * that may use it (SO_PEERCRED, SO_PEERGROUPS), whatever the mode of the file has
 * become. Every connection is accepted. If there is no place for it, it takes that of
 * the client which is there longest and does not wait for a late answer: one that has
 * sent no request, or does not read its answer. A client of the group does not take
 * the place of root or of the socket's user, for whom RNGD_CONTROL_RESERVED places are
 * kept, too. A client without a place is told so.
 *
 * All functions are for one thread, and none waits.
 */
#ifndef RNGD_CONTROL_SERVER_H
#define RNGD_CONTROL_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "rngd/base/ours.h"
#include "vrng/error.h"

#define RNGD_CONTROL_LINE     255
#define RNGD_CONTROL_CLIENTS  8 /* places for all */
#define RNGD_CONTROL_RESERVED 2 /* more, for root and the socket's user */
#define RNGD_CONTROL_PLACES   (RNGD_CONTROL_CLIENTS + RNGD_CONTROL_RESERVED)
#define RNGD_CONTROL_TIMEOUT  15000 /* ms for a whole connection */

/*
 * More ms for an answer that comes late: a renewal's 5 s, and 30 s for a hook that
 * hangs in the run before it, in its own, and once more.
 */
#define RNGD_CONTROL_LATE 95000

/* When accept(2) is tried again after it has failed for want of descriptors, in ms. */
#define RNGD_CONTROL_PAUSE 1000

struct rngd_control;

struct rngd_control_request {
	uint64_t ticket; /* of the connection */
	const char *text; /* its line without the newline */
	uid_t uid; /* who sent it, as the kernel says */
	pid_t pid;
};

/*
 * Write the answer to @request to @answer of @size bytes and return its length, or
 * return 0 and answer later, with the ticket, by rngd_control_answer().
 */
typedef size_t rngd_control_ask(void *opaque,
				const struct rngd_control_request *request,
				char *answer, size_t size);

/*
 * Listen at @path, which must live as long, with mode 0600; or 0660 and group @gid,
 * unless @gid is -1. A socket there that nobody listens on is replaced.
 * -EADDRINUSE where another process listens, -ENOMEM, or the errno of a socket call.
 */
int rngd_control_open(struct rngd_control **control, const char *path,
		      gid_t gid, rngd_control_ask *ask, void *opaque,
		      struct vrng_error *error);

/* The socket's file, for the process that removes it at the end. */
const struct vrng_ours *rngd_control_file(const struct rngd_control *control);

/* Polls readable when rngd_control_serve() has something to do. -1 for NULL. */
int rngd_control_fd(const struct rngd_control *control);

/* Accept, read, answer and drop what is due at @now_ms. */
void rngd_control_serve(struct rngd_control *control, uint64_t now_ms);

/* When to serve even if nothing is readable, ms; 0: never. NULL is allowed. */
uint64_t rngd_control_due(const struct rngd_control *control);

/* Does the client of @ticket still wait for a late answer? */
bool rngd_control_waits(const struct rngd_control *control, uint64_t ticket);

/* A late answer. A ticket of a client that has gone is ignored. */
void rngd_control_answer(struct rngd_control *control, uint64_t ticket,
			 const char *text, size_t len);

/* Close all connections. The file stays. NULL is allowed. */
void rngd_control_close(struct rngd_control *control);

#endif
