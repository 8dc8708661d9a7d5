// SPDX-License-Identifier: GPL-2.0-or-later
/* Going into the background: see background.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sysexits.h>
#include <unistd.h>

#include "rngd/process/background.h"
#include "rngd/base/close_range.h"
#include "rngd/base/clock.h"

/*
 * The status byte of the daemon; EX_SOFTWARE if it ended; EX_TEMPFAIL if late.
 */
static int await(int fd)
{
	uint64_t deadline = vrng_now_ms() + RNGD_READY_TIMEOUT;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint64_t now = vrng_now_ms();
	uint8_t status;

	while (now < deadline) {
		if (poll(&pfd, 1, (int)(deadline - now)) == 1)
			return read(fd, &status, 1) == 1 ? status : EX_SOFTWARE;
		now = vrng_now_ms();
	}
	return EX_TEMPFAIL;
}

int rngd_background(int *ready_fd, int *status, struct vrng_error *error)
{
	int fds[2];
	pid_t pid;
	int ret;

	if (pipe2(fds, O_CLOEXEC))
		return vrng_fail(error, errno, "cannot make a pipe: %m");
	pid = fork();
	if (pid < 0) {
		ret = vrng_fail(error, errno,
				"cannot fork: %m; use --foreground");
		close(fds[0]);
		close(fds[1]);
		return ret;
	}
	if (pid) {
		close(fds[1]);
		*status = await(fds[0]);
		close(fds[0]);
		return 1;
	}

	/* A daemon outlives its starter, and must not keep its files open. */
	vrng_close_all_but(&fds[1], 1);
	*ready_fd = fds[1];
	setsid();
	return 0;
}

void rngd_background_tell(int ready_fd, int status)
{
	uint8_t byte = (uint8_t)status;

	if (write(ready_fd, &byte, 1) != 1) {
		/* The starting process has ended. */
	}
	close(ready_fd);
}

int rngd_background_detach(struct vrng_error *error)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int i;

	if (fd < 0)
		return vrng_fail(error, errno, "/dev/null: cannot open: %m");
	for (i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (dup2(fd, i) < 0)
			return vrng_fail(error, errno, "/dev/null: %m");
	close(fd);
	if (chdir("/"))
		return vrng_fail(error, errno, "/: cannot enter: %m");
	return 0;
}
