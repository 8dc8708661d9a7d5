/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors that wait in sockets. The kernel counts those of a user, and a process
 * whose limit of descriptors (RLIMIT_NOFILE) is lower may send no more: ETOOMANYREFS.
 * Only root can play a user of whom no other program of this machine is.
 */
#ifndef WAITING_H
#define WAITING_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/base/passing.h"

#define WAITING_USER 64873
/* As many as 500 guests in QEMU leave, eight each. */
#define WAITING 4000

static inline int waiting_limit(rlim_t n)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	limit.rlim_cur = n < limit.rlim_max ? n : limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}

/* Until the process ends. */
static inline int waiting_send(unsigned int n)
{
	int pair[2], fds[VRNG_PASSING_FDS] = { 0 }, err = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	while (n && !err) {
		const unsigned int now =
			n < VRNG_PASSING_FDS ? n : VRNG_PASSING_FDS;

		err = vrng_passing_send_all(pair[0], "", 1, fds, now,
					    MSG_DONTWAIT);
		n -= now;
	}
	return err;
}

/*
 * For a process of its own: become that user, have @n descriptors wait, and limit what
 * follows to @limit. 0, or not: it cannot be done here.
 */
static inline int waiting_begin(unsigned int n, rlim_t limit)
{
	if (setgid(WAITING_USER) || setuid(WAITING_USER))
		return -errno;
	if (waiting_limit(RLIM_INFINITY) || waiting_send(n))
		return -EMFILE;
	return waiting_limit(limit);
}

static inline void waiting_end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/*
 * Become that user, with WAITING descriptors of another process, which is returned, and
 * limit what follows to @limit. -1: it cannot be done here.
 */
static inline pid_t waiting_others(rlim_t limit)
{
	int ready[2];
	char byte = 0;
	pid_t pid;

	if (setgid(WAITING_USER) || setuid(WAITING_USER) ||
	    pipe2(ready, O_CLOEXEC))
		return -1;
	pid = fork();
	if (!pid) {
		byte = !waiting_limit(RLIM_INFINITY) && !waiting_send(WAITING);
		if (write(ready[1], &byte, 1) == 1)
			pause();
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		byte = 0;
	close(ready[0]);
	if (byte && !waiting_limit(limit))
		return pid;
	waiting_end(pid);
	return -1;
}

#endif
