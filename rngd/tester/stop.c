// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes SIGTERM and SIGINT pollable: see stop.h. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "rngd/tester/stop.h"

/* An eventfd, readable from the first signal on; global for the handler. */
static int stop_fd = -1;

static void on_signal(int signo)
{
	const uint64_t one = 1;
	int err = errno;

	(void)signo;
	if (write(stop_fd, &one, sizeof(one)) < 0) {
		/* The counter is at its maximum, so the fd is readable. */
	}
	errno = err;
}

int vrng_stop_init(void)
{
	struct sigaction action;

	stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stop_fd < 0)
		return -errno;

	memset(&action, 0, sizeof(action));
	action.sa_handler = on_signal;
	if (sigaction(SIGTERM, &action, NULL) ||
	    sigaction(SIGINT, &action, NULL))
		return -errno;
	action.sa_handler = SIG_IGN;
	return sigaction(SIGPIPE, &action, NULL) ? -errno : 0;
}

int vrng_stop_poll(int fd, short events, int timeout)
{
	struct pollfd pfd[2] = {
		{ .fd = stop_fd, .events = POLLIN },
		{ .fd = fd, .events = events },
	};
	int n = poll(pfd, 2, timeout);

	if (n < 0)
		return errno == EINTR ? -EINTR : -errno;
	if (pfd[0].revents)
		return -EINTR;
	if (pfd[1].revents & POLLNVAL)
		return -EBADF;
	return n ? 1 : 0;
}
