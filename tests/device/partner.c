// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/device/partner.h"

static void keep_only(int sock)
{
	if (sock != STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned int)sock - 1, 0);
	close_range((unsigned int)sock + 1, ~0U, 0);
}

pid_t partner_fork(int *sock, int type, const char *what, struct vrng_why *why)
{
	int pair[2];
	pid_t pid;

	*sock = -1;
	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair))
		return vrng_why(why, errno, "%s: socket: %m", what);
	pid = fork();
	if (pid < 0) {
		pid = vrng_why(why, errno, "%s: fork: %m", what);
		close(pair[0]);
		close(pair[1]);
		return pid;
	}
	*sock = pair[pid ? 0 : 1];
	if (pid)
		close(pair[1]);
	else
		keep_only(*sock);
	return pid;
}
