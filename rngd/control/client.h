/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client's side of the control socket: one request, its answer, and the
 * "name value" lines of that.
 */
#ifndef RNGD_CONTROL_CLIENT_H
#define RNGD_CONTROL_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "vrng/error.h"

/* How long to wait for an answer, in ms: longer than rngd takes (server.h). */
#define RNGD_CLIENT_TIMEOUT 20000
#define RNGD_CLIENT_LATE    115000 /* for one that comes after hooks */

#define RNGD_CLIENT_MAX	   65536 /* bytes of an answer */
#define RNGD_CLIENT_VALUES 2048

/* "name value" lines; pointers reach into @text. */
struct rngd_client_answer {
	char text[RNGD_CLIENT_MAX + 1];
	size_t len;
	struct {
		const char *name;
		const char *value;
	} row[RNGD_CLIENT_VALUES];
	size_t rows;
};

/*
 * Send @request to the rngd that listens at @path, and wait @ms at most for the
 * whole answer in @answer's text. 0, or a negative errno with @error: -EACCES, -ENOENT or
 * -ECONNREFUSED from connecting, -ETIMEDOUT, -EMSGSIZE for an answer of more than
 * RNGD_CLIENT_MAX bytes, -EPIPE for none; -EACCES or -EREMOTEIO if rngd refuses, with
 * its reason.
 */
int rngd_client_ask(const char *path, const char *request, unsigned int ms,
		    struct rngd_client_answer *answer,
		    struct vrng_error *error);

/*
 * Split the text into rows, whose values are as they were before status.c escaped
 * them. -EPROTO for a line without a value.
 */
int rngd_client_split(struct rngd_client_answer *answer,
		      struct vrng_error *error);

/* The value of @name, after a split; NULL where there is none. */
const char *rngd_client_value(const struct rngd_client_answer *answer,
			      const char *name);

#endif
