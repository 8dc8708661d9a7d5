// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For LD_PRELOAD: a kernel pool that takes all it is given and is never full, so
 * that a daemon of any making works at the speed of its checks.
 */
#include <linux/random.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Whoever waits for the pool to want more goes on. The C library's own
 * declaration says that fds is only written to.
 */
int wait_for_pool(struct pollfd *fds, nfds_t nfds, int timeout) __asm__("poll");

int wait_for_pool(struct pollfd *fds, nfds_t nfds, int timeout)
{
	if (nfds == 1 && fds->events == POLLOUT) {
		fds->revents = POLLOUT;
		return 1;
	}
	return (int)syscall(SYS_poll, fds, nfds, timeout);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	switch (request) {
	case RNDGETENTCNT:
		*(int *)arg = 0;
		return 0;
	case RNDADDENTROPY:
	case RNDRESEEDCRNG:
		return 0;
	default:
		return (int)syscall(SYS_ioctl, fd, request, arg);
	}
}
