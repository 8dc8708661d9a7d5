/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A child process without exec(), for work that the parent may not do or should
 * not wait for. The two share one socket. Each side notices the end of the
 * other by the end of the socket.
 */
#ifndef RNGD_BASE_SUBPROCESS_H
#define RNGD_BASE_SUBPROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "vrng/error.h"

#define VRNG_SUBPROCESS_KEEP 4

struct vrng_subprocess {
	const char *name; /* of the child, at the start of an error */
	int type; /* of the Unix sockets: SOCK_SEQPACKET, ... and flags */
	int keep[VRNG_SUBPROCESS_KEEP]; /* descriptors that it keeps, too */
	size_t keeps; /* of them */
	bool keeps_stdio; /* false: its 0 and 1 become /dev/null */
	/* Its folder becomes /, its umask 077, and systemd's variables go. */
	bool starts_clean;
};

/*
 * Is @variable, as of environ(7), one by which systemd tells a service of its
 * descriptors, its socket for notices or its watchdog? They are not for children.
 */
bool vrng_subprocess_is_service_variable(const char *variable);

/*
 * Fork. Call this while the process has one thread. The child keeps standard
 * error, its end of the socket, and what @child says; all else is closed. Each
 * side gets its end in *@sock.
 *
 * Returns as fork(2): the child's id in the parent, 0 in the child. A negative
 * errno with @error if there is no child.
 */
pid_t vrng_subprocess_fork(const struct vrng_subprocess *child, int *sock,
			   struct vrng_error *error);

/*
 * Wait at most @ms for the end of the child @pid (-1: forever), and do not reap
 * it. False: it has not ended, or this kernel has no pidfd_open(2) (before
 * 5.3).
 */
bool vrng_subprocess_wait(pid_t pid, int ms);

#endif
