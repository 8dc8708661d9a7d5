// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For LD_PRELOAD: replaces the kernel's pool by one that is never full, so that
 * any rngd runs at the speed of its checks. Writes to the kernel's settings are
 * dropped, because rng-tools would set the host's watermark.
 */
#include <dlfcn.h>
#include <linux/random.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * poll() that reports the pool as writable at once. It has another name in C
 * because glibc declares that poll() only writes to fds.
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

#define SETTINGS "/proc/sys/kernel/random/"

FILE *fopen(const char *restrict path, const char *restrict mode)
{
	FILE *(*open_file)(const char *, const char *);

	*(void **)&open_file = dlsym(RTLD_NEXT, "fopen");
	if (!strncmp(path, SETTINGS, strlen(SETTINGS)) && *mode != 'r')
		path = "/dev/null";
	return open_file(path, mode);
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
