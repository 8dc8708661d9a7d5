// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/device/vhost-user/event_fd.h"

/* An eventfd is an anonymous inode, which has no type in st_mode. */
bool event_fd_suits(int fd)
{
	struct stat st;

	return !fstat(fd, &st) &&
	       (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) ||
		!(st.st_mode & S_IFMT));
}

bool event_fd_is_socket(int fd)
{
	struct stat st;

	return fd >= 0 && !fstat(fd, &st) && S_ISSOCK(st.st_mode);
}

/* @events: POLLIN or POLLOUT. */
static bool is_ready(int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	return poll(&pfd, 1, 0) == 1;
}

enum event_fd_taken event_fd_take(int fd)
{
	uint64_t events;
	ssize_t n = recv(fd, &events, sizeof(events), MSG_DONTWAIT);

	if (n < 0 && errno == ENOTSOCK) {
		if (!is_ready(fd, POLLIN))
			return EVENT_FD_NONE;
		n = read(fd, &events, sizeof(events));
	}
	if (n > 0)
		return EVENT_FD_SOME;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return EVENT_FD_NONE;
	return EVENT_FD_END;
}

/* An eventfd takes 8 bytes. A closed socket must raise no SIGPIPE. */
void event_fd_give(int fd, bool is_socket)
{
	const uint64_t one = 1;
	ssize_t n = 0;

	if (is_socket)
		n = send(fd, &one, sizeof(one), MSG_DONTWAIT | MSG_NOSIGNAL);
	else if (is_ready(fd, POLLOUT))
		n = write(fd, &one, sizeof(one));
	(void)n;
}
