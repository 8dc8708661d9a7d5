/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connects to the sockets at which front ends listen (--client), in a process of
 * its own: the process that faces guests may not connect to anything. It connects
 * to the paths of the command line, and to no other.
 *
 * The dialer is forked before there are threads. Each worker then has a line of
 * its own to it, a SOCK_SEQPACKET socket, and uses it alone.
 */
#ifndef DEVICE_VHOST_USER_RNG_DIALER_H
#define DEVICE_VHOST_USER_RNG_DIALER_H

#include <sys/types.h>

#include "vrng/error.h"

struct dialer {
	int sock; /* owned; -1: there is no dialer */
	pid_t pid;
};

/*
 * Fork it. @paths, @n of them, are of the fork's time.
 * Relative ones are below the folder of the caller. 0, or a negative errno.
 */
int dialer_start(struct dialer *dialer, char *const *paths, unsigned int n,
		 struct vrng_error *error);

/* A line for path @i, owned by the caller; or a negative errno with @error. */
int dialer_line(const struct dialer *dialer, unsigned int i,
		struct vrng_error *error);

/* Have it connect. One question at a time. 0, or a negative errno. */
int dialer_ask(int line);

/*
 * The answer, once @line is readable: a non-blocking socket, or a negative errno:
 * what connect(2) said, -EAGAIN: there is none yet, -EPIPE: the dialer has ended.
 */
int dialer_answer(int line);

/* Its process ends when all of this, and all lines, are closed. */
void dialer_stop(struct dialer *dialer);

#endif
