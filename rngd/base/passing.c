// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/passing.h"

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(VRNG_PASSING_FDS * sizeof(int))];
};

int vrng_passing_send_all(int sock, const void *data, size_t len,
			  const int *fds, unsigned int n, int flags)
{
	union control control = { .space = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)data, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n > VRNG_PASSING_FDS)
		return -EINVAL;
	if (n) {
		/* musl's types of both lengths are socklen_t. */
		msg.msg_control = &control;
		msg.msg_controllen = (socklen_t)CMSG_SPACE(n * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = (socklen_t)CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, n * sizeof(int));
	}
	return sendmsg(sock, &msg, flags | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int vrng_passing_send(int sock, const void *data, size_t len, int fd, int flags)
{
	return vrng_passing_send_all(sock, data, len, &fd, fd >= 0, flags);
}

/* The descriptors that came along: those beyond @room are closed. */
static unsigned int take_fds(struct msghdr *msg, int *fds, unsigned int room)
{
	unsigned int n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c;
	     c = CMSG_NXTHDR(msg, c)) {
		const size_t came = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int fd;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < came; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (n < room)
				fds[n] = fd;
			else
				close(fd);
			n++;
		}
	}
	return n;
}

ssize_t vrng_passing_receive_all(int sock, void *data, size_t len, int *fds,
				 unsigned int *n, int flags)
{
	union control control;
	struct iovec iov = { data, len };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	const unsigned int room = *n;
	ssize_t got = recvmsg(sock, &msg, flags | MSG_CMSG_CLOEXEC);

	*n = 0;
	if (got < 0)
		return -errno;
	*n = take_fds(&msg, fds, room);
	if (*n <= room && !(msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return got;
	for (unsigned int i = 0; i < room && i < *n; i++)
		close(fds[i]);
	*n = 0;
	return -EPROTO;
}

ssize_t vrng_passing_receive(int sock, void *data, size_t len, int *fd,
			     int flags)
{
	unsigned int n = 1;
	ssize_t got = vrng_passing_receive_all(sock, data, len, fd, &n, flags);

	if (!n)
		*fd = -1;
	return got;
}
