// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/base/close_range.h"
#include "rngd/base/subprocess.h"

/* systemd.exec(5), sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3). */
static const char *const service_variables[] = {
	"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC",
	"LISTEN_PID",	 "LISTEN_FDS",	 "LISTEN_FDNAMES",
};

#define SERVICE_VARIABLES VRNG_LENGTH(service_variables)

bool vrng_subprocess_is_service_variable(const char *variable)
{
	size_t i, len;

	for (i = 0; i < SERVICE_VARIABLES; i++) {
		len = strlen(service_variables[i]);
		if (!strncmp(variable, service_variables[i], len) &&
		    variable[len] == '=')
			return true;
	}
	return false;
}

static void start_clean(void)
{
	size_t i;

	for (i = 0; i < SERVICE_VARIABLES; i++)
		(void)unsetenv(service_variables[i]);
	(void)umask(S_IRWXG | S_IRWXO);
	if (chdir("/"))
		_exit(1);
}

/* 0 and 1 may be a terminal, or a socket that the parent was handed. */
static void leave_stdio(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
}

static void close_descriptors(const struct vrng_subprocess *child, int sock)
{
	int keep[VRNG_SUBPROCESS_KEEP + 1] = { sock };

	memcpy(keep + 1, child->keep, child->keeps * sizeof(keep[0]));
	vrng_close_all_but(keep, child->keeps + 1);
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
	if (child->starts_clean)
		start_clean();
	if (!child->keeps_stdio)
		leave_stdio();
	close_descriptors(child, *sock);
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
