// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/fd_store.h"
#include "rngd/base/passing.h"

/* The socket does not block: its queue is full if the manager is slow. */
static int say_with(const struct vrng_notify *notify, const char *text, int fd)
{
	struct pollfd room = { .fd = notify->fd, .events = POLLOUT };
	int err;

	if (notify->fd < 0)
		return -ENOTCONN;
	do {
		err = vrng_passing_send(notify->fd, text, strlen(text), fd, 0);
	} while (err == -EAGAIN && poll(&room, 1, VRNG_FD_STORE_MS) == 1);
	return err;
}

/* FDPOLL=0: the manager must not drop it because of what poll(2) says. */
int vrng_fd_store_put(const struct vrng_notify *notify, const char *name,
		      int fd)
{
	char text[128];

	snprintf(text, sizeof(text), "FDSTORE=1\nFDNAME=%s\nFDPOLL=0", name);
	return say_with(notify, text, fd);
}

void vrng_fd_store_drop(const struct vrng_notify *notify, const char *name)
{
	char text[128];

	snprintf(text, sizeof(text), "FDSTOREREMOVE=1\nFDNAME=%s", name);
	(void)say_with(notify, text, -1);
}

/* sd_notify_barrier(3): the manager closes the descriptor when it gets there. */
int vrng_fd_store_flush(const struct vrng_notify *notify)
{
	struct pollfd end = { .events = POLLIN };
	int pair[2], err;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	err = say_with(notify, "BARRIER=1", pair[1]);
	close(pair[1]);
	end.fd = pair[0];
	if (!err && poll(&end, 1, VRNG_FD_STORE_MS) != 1)
		err = -ETIMEDOUT;
	close(pair[0]);
	return err;
}
