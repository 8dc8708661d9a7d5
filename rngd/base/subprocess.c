// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rngd/base/close_range.h"
#include "rngd/base/subprocess.h"

/* 0 and 1 may be a terminal, or a socket that the parent was handed. */
static void leave_stdio(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
}

pid_t vrng_subprocess_fork(const struct vrng_subprocess *child, int *sock,
			   struct vrng_error *error)
{
	int pair[2];
	pid_t pid;

	*sock = -1;
	if (socketpair(AF_UNIX, child->type | SOCK_CLOEXEC, 0, pair))
		return vrng_fail(error, errno, "%s: socket: %m", child->name);
	pid = fork();
	if (pid < 0) {
		pid = vrng_fail(error, errno, "%s: fork: %m", child->name);
		close(pair[0]);
		close(pair[1]);
		return pid;
	}
	*sock = pair[pid ? 0 : 1];
	if (pid) {
		close(pair[1]);
		return pid;
	}
	if (!child->keeps_stdio)
		leave_stdio();
	if (!child->keeps_descriptors)
		vrng_close_all_but(*sock, child->keep);
	return 0;
}

bool vrng_subprocess_wait(pid_t pid, int ms)
{
	struct pollfd end = { .events = POLLIN };
	bool has_ended;

	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (end.fd < 0)
		return false;
	has_ended = poll(&end, 1, ms) == 1;
	close(end.fd);
	return has_ended;
}
