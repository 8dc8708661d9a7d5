// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages to and from the privileged process: see message.h. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/passing.h"
#include "rngd/process/message.h"

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

/* If the receiver has ended, the next receive says so, too. */
void rngd_message_send_answer(int sock, const struct rngd_answer *answer,
			      int fd)
{
	(void)vrng_passing_send(sock, answer, sizeof(*answer), fd, 0);
}

/*
 * ECONNRESET is reported once, when the helper has ended without reading a
 * request. Answers that it sent before follow.
 */
int rngd_message_receive_answer(int sock, int flags, struct rngd_answer *answer,
				int *fd)
{
	ssize_t got;

	do
		got = vrng_passing_receive(sock, answer, sizeof(*answer), fd,
					   flags);
	while (got == -EINTR || got == -ECONNRESET);
	if (got == (ssize_t)sizeof(*answer))
		return 1;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	if (got < 0)
		return got == -EAGAIN ? 0 : (int)got;
	return -EPIPE;
}
