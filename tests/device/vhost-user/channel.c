// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/device/vhost-user/channel.h"

void channel_clear(struct channel *channel)
{
	for (unsigned int i = 0; i < channel->nfds; i++)
		if (channel->fds[i] >= 0)
			close(channel->fds[i]);
	channel->nfds = 0;
	channel->have = 0;
}

int channel_take_fd(struct channel *channel)
{
	int fd = channel->fds[0];

	channel->fds[0] = -1;
	return fd;
}

/*
 * Collect the descriptors that came along. Close those beyond VU_FDS, so that
 * none leaks, and return -EPROTO then, or if the kernel had to cut the list.
 */
static int take_control(struct channel *channel, struct msghdr *hdr)
{
	int err = (hdr->msg_flags & MSG_CTRUNC) ? -EPROTO : 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(hdr); c;
	     c = CMSG_NXTHDR(hdr, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (channel->nfds < VU_FDS) {
				channel->fds[channel->nfds++] = fd;
				continue;
			}
			close(fd);
			err = -EPROTO;
		}
	}
	return err;
}

/*
 * Receive until @channel holds @want bytes of the message. Returns 0 when it
 * does, -EAGAIN when bytes are still missing.
 */
static int receive_up_to(struct channel *channel, size_t want)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int) * VU_FDS)];
	} control;
	struct iovec part = { .iov_base = (char *)&channel->msg + channel->have,
			      .iov_len = want - channel->have };
	struct msghdr hdr = { .msg_iov = &part,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t n;

	if (channel->have == want)
		return 0;
	n = recvmsg(channel->sock, &hdr, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	if (n == 0)
		return -ECONNRESET;
	channel->have += (size_t)n;
	if (take_control(channel, &hdr))
		return -EPROTO;
	return channel->have == want ? 0 : -EAGAIN;
}

int channel_receive(struct channel *channel, struct vrng_error *error)
{
	const struct vu_header *h = &channel->msg.header;
	int err = 0;

	if (channel->have < sizeof(*h))
		err = receive_up_to(channel, sizeof(*h));
	if (!err &&
	    ((h->flags & VU_VERSION_MASK) != VU_VERSION ||
	     (h->flags & VU_REPLY) || h->size > sizeof(union vu_payload)))
		return vrng_fail(error, EPROTO,
				 "message %" PRIu32 ", flags 0x%" PRIx32
				 ", size %" PRIu32 ": not vhost-user",
				 h->request, h->flags, h->size);
	if (!err)
		err = receive_up_to(channel, sizeof(*h) + h->size);
	if (err == -EPROTO)
		vrng_fail(error, EPROTO,
			  "more than %d descriptors in a message", VU_FDS);
	else if (err && err != -EAGAIN && err != -ECONNRESET)
		vrng_fail(error, -err, "receive: %s", strerror(-err));
	return err;
}

int channel_reply(struct channel *channel, uint32_t size,
		  struct vrng_error *error)
{
	struct vu_message *msg = &channel->msg;
	size_t len = sizeof(msg->header) + size;
	ssize_t n;

	msg->header.flags = VU_VERSION | VU_REPLY;
	msg->header.size = size;
	n = send(channel->sock, msg, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n == (ssize_t)len)
		return 0;
	if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
		return -ECONNRESET;
	return vrng_fail(error, EPROTO, "replies are not read");
}
