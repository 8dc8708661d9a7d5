// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/close_range.h"
#include "rngd/base/subprocess.h"

/* From @from up to what comes before @to; there may be none. */
static void close_between(int from, int to)
{
	if (from < to)
		vrng_close_range((unsigned int)from, (unsigned int)to - 1);
}

/* A guest's socket may have come as one of these. */
static void leave_stdio(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
}

/* Besides the standard ones; @keep may be -1. */
static void keep_only(int sock, int keep)
{
	int low = keep < sock ? keep : sock;
	int high = keep < sock ? sock : keep;

	if (low <= STDERR_FILENO)
		low = STDERR_FILENO;
	close_between(STDERR_FILENO + 1, low);
	close_between(low + 1, high);
	vrng_close_range((unsigned int)high + 1, ~0U);
}

pid_t vrng_subprocess_fork(int *sock, int type, int keep, const char *what,
			   struct vrng_error *error)
{
	int pair[2];
	pid_t pid;

	*sock = -1;
	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair))
		return vrng_fail(error, errno, "%s: socket: %m", what);
	pid = fork();
	if (pid < 0) {
		pid = vrng_fail(error, errno, "%s: fork: %m", what);
		close(pair[0]);
		close(pair[1]);
		return pid;
	}
	*sock = pair[pid ? 0 : 1];
	if (pid) {
		close(pair[1]);
		return pid;
	}
	leave_stdio();
	keep_only(*sock, keep);
	return 0;
}
