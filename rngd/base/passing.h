/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages over Unix sockets, with or without descriptors (SCM_RIGHTS). */
#ifndef RNGD_BASE_PASSING_H
#define RNGD_BASE_PASSING_H

#include <stddef.h>
#include <sys/types.h>

#define VRNG_PASSING_FDS 64 /* descriptors of a message, at most */

/*
 * Send @len bytes of @data, and copies of the @n descriptors at @fds, with @flags
 * of sendmsg(2) and without a SIGPIPE. 0 or a negative errno.
 */
int vrng_passing_send_all(int sock, const void *data, size_t len,
			  const int *fds, unsigned int n, int flags);

/*
 * Receive up to @len bytes into @data, and up to *@n descriptors (at most
 * VRNG_PASSING_FDS) into @fds, closed on exec, which the caller closes, with @flags
 * of recvmsg(2). Returns the number of bytes and sets *@n; or a negative errno, and
 * there is no descriptor: -EPROTO if the message had more of either.
 */
ssize_t vrng_passing_receive_all(int sock, void *data, size_t len, int *fds,
				 unsigned int *n, int flags);

/*
 * Send @len bytes of @data, and a copy of @fd unless it is -1, with @flags of
 * sendmsg(2) and without a SIGPIPE. 0 or a negative errno.
 */
int vrng_passing_send(int sock, const void *data, size_t len, int fd,
		      int flags);

/*
 * Receive up to @len bytes into @data with @flags of recvmsg(2): their number, or
 * a negative errno. *@fd is the descriptor that came with them, closed on exec,
 * which the caller closes, or -1.
 */
ssize_t vrng_passing_receive(int sock, void *data, size_t len, int *fd,
			     int flags);

#endif
