// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/activation.h"
#include "rngd/base/number.h"

int vrng_activation_count(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *count = getenv("LISTEN_FDS");
	uint64_t n = 0;

	if (!pid || !count || vrng_decimal(&n, "", pid, 1, INT32_MAX, NULL) ||
	    n != (uint64_t)getpid())
		return 0;
	if (vrng_decimal(&n, "", count, 1, VRNG_ACTIVATION_MAX, NULL))
		return 0;
	return (int)n;
}

bool vrng_activation_is_named(int i, const char *name)
{
	const char *at = getenv("LISTEN_FDNAMES");
	size_t len;

	for (; at && i; i--) {
		at = strchr(at, ':');
		at = at ? at + 1 : NULL;
	}
	if (!at)
		return false;
	len = strcspn(at, ":");
	return len == strlen(name) && !strncmp(at, name, len);
}

int vrng_activation_take(int fd, struct vrng_error *error)
{
	int listens = 0, type = 0;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len))
		return vrng_fail(error, errno, "fd %d: %m; pass a socket", fd);
	if (!listens || type != SOCK_STREAM)
		return vrng_fail(error, EINVAL,
				 "fd %d: is no stream socket that listens; use "
				 "ListenStream= and Accept=no",
				 fd);
	if (fcntl(fd, F_SETFL, O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC))
		return vrng_fail(error, errno, "fd %d: %m", fd);
	return 0;
}
