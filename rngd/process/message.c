// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages to and from the privileged process: see message.h. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "rngd/process/message.h"

/* Room for one descriptor. */
union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

int rngd_message_send_request(int sock, const struct rngd_request *request)
{
	ssize_t sent;

	do
		sent = send(sock, request, sizeof(*request),
			    MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

int rngd_message_receive_request(int sock, struct rngd_request *request)
{
	ssize_t got;

	do
		got = recv(sock, request, sizeof(*request), 0);
	while (got < 0 && errno == EINTR);
	return got == (ssize_t)sizeof(*request);
}

void rngd_message_send_answer(int sock, const struct rngd_answer *answer,
			      int fd)
{
	union control control = { .space = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)answer, sizeof(*answer) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
	}
	if (sendmsg(sock, &msg, MSG_NOSIGNAL) < 0) {
		/* The receiver has ended; the next receive says so too. */
	}
}

static int passed_fd(struct msghdr *msg)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(msg);
	int fd = -1;

	if (header && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(header), sizeof(int));
	return fd;
}

/*
 * ECONNRESET is reported once, when the helper has ended without reading a
 * request. Answers that it sent before follow.
 */
int rngd_message_receive_answer(int sock, int flags, struct rngd_answer *answer,
				int *fd)
{
	union control control;
	struct iovec iov = { answer, sizeof(*answer) };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t got;

	*fd = -1;
	do
		got = recvmsg(sock, &msg, flags | MSG_CMSG_CLOEXEC);
	while (got < 0 && (errno == EINTR || errno == ECONNRESET));
	if (got < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (got != (ssize_t)sizeof(*answer))
		return -EPIPE;
	*fd = passed_fd(&msg);
	return 1;
}
