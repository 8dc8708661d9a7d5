// SPDX-License-Identifier: GPL-2.0-or-later
/* A command in a process group of its own: see command.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/base/spawn.h"
#include "rngd/base/subprocess.h"
#include "rngd/sources/command.h"

/* -------------------------------------------------------------- starting */

/* Our environment without what is between systemd and us. NULL: no memory. */
static char **make_environment(void)
{
	char **list, **to, **from;
	size_t n = 0;

	while (environ[n])
		n++;
	list = calloc(n + 1, sizeof(*list));
	to = list;
	for (from = environ; list && *from; from++)
		if (!vrng_subprocess_is_service_variable(*from))
			*to++ = *from;
	return list;
}

static int spawn(pid_t *pid, const char *text, int out)
{
	char name[] = "sh", option[] = "-c";
	char *const argv[] = { name, option, (char *)(uintptr_t)text, NULL };
	char **environment = make_environment();
	const struct vrng_spawn shell = { .path = VRNG_COMMAND_SHELL,
					  .argv = argv,
					  .environment = environment,
					  .out = out };
	const int ret = environment ? vrng_spawn(pid, &shell) : -ENOMEM;

	free(environment);
	return ret;
}

int vrng_command_start(struct vrng_command *command, const char *text, int *out)
{
	int ret, ends[2];

	*command = (struct vrng_command)VRNG_COMMAND_NONE;
	*out = -1;
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	ret = spawn(&command->pid, text, ends[1]);
	close(ends[1]);
	if (ret)
		command->pid = 0;
	if (!ret && fcntl(ends[0], F_SETFL, O_NONBLOCK))
		ret = -errno;
	if (!ret) {
		command->pidfd = (int)syscall(SYS_pidfd_open, command->pid, 0);
		ret = command->pidfd < 0 ? -errno : 0;
	}
	if (ret) {
		close(ends[0]);
		vrng_command_end(command);
		return ret;
	}
	*out = ends[0];
	return 0;
}

/* ---------------------------------------------------------------- ending */

static bool has_ended(const struct vrng_command *command, int ms)
{
	struct pollfd pfd = { .fd = command->pidfd, .events = POLLIN };

	return command->pidfd >= 0 && poll(&pfd, 1, ms) == 1;
}

/* The group keeps its id until its leader is reaped. */
void vrng_command_signal(const struct vrng_command *command, int signal)
{
	(void)kill(-command->pid, signal);
	(void)kill(command->pid, signal);
}

static void forget(struct vrng_command *command)
{
	if (command->pidfd >= 0)
		close(command->pidfd);
	*command = (struct vrng_command)VRNG_COMMAND_NONE;
}

/* End the rest of the group before its id can be reused. */
int vrng_command_reap(struct vrng_command *command, int *status)
{
	int ret = 0;

	vrng_command_signal(command, SIGKILL);
	if (waitpid(command->pid, status, WNOHANG) != command->pid)
		ret = -ECHILD;
	forget(command);
	return ret;
}

/* A command that does not end on SIGKILL is left as it is. */
void vrng_command_end(struct vrng_command *command)
{
	int status;

	if (!command->pid)
		return;
	if (!has_ended(command, 0)) {
		vrng_command_signal(command, SIGTERM);
		(void)has_ended(command, VRNG_COMMAND_TERM_MS);
	}
	vrng_command_signal(command, SIGKILL);
	(void)has_ended(command, VRNG_COMMAND_KILL_MS);
	(void)vrng_command_reap(command, &status);
}
