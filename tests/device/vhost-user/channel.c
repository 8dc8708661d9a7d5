// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/device/vhost-user/channel.h"

void channel_clear(struct channel *in)
{
	for (unsigned int i = 0; i < in->nfds; i++)
		if (in->fds[i] >= 0)
			close(in->fds[i]);
	in->nfds = 0;
	in->have = 0;
}

int channel_take_fd(struct channel *in)
{
	int fd = in->fds[0];

	in->fds[0] = -1;
	return fd;
}

/* Every descriptor is taken over, even those too many, so that none leaks. */
static int take_control(struct channel *in, struct msghdr *hdr)
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
			if (in->nfds < VU_FDS) {
				in->fds[in->nfds++] = fd;
				continue;
			}
			close(fd);
			err = -EPROTO;
		}
	}
	return err;
}

/* Bytes up to @want of the message in all. */
static int receive_up_to(struct channel *in, size_t want)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int) * VU_FDS)];
	} control;
	struct iovec part = { .iov_base = (char *)&in->msg + in->have,
			      .iov_len = want - in->have };
	struct msghdr hdr = { .msg_iov = &part,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t n;

	if (in->have == want)
		return 0;
	n = recvmsg(in->sock, &hdr, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	if (n == 0)
		return -ECONNRESET;
	in->have += (size_t)n;
	if (take_control(in, &hdr))
		return -EPROTO;
	return in->have == want ? 0 : -EAGAIN;
}

int channel_receive(struct channel *in, struct vrng_error *error)
{
	const struct vu_header *h = &in->msg.header;
	int err = 0;

	if (in->have < sizeof(*h))
		err = receive_up_to(in, sizeof(*h));
	if (!err &&
	    ((h->flags & VU_VERSION_MASK) != VU_VERSION ||
	     (h->flags & VU_REPLY) || h->size > sizeof(union vu_payload)))
		return vrng_fail(error, EPROTO,
				 "message %" PRIu32 ", flags 0x%" PRIx32
				 ", size %" PRIu32 ": not vhost-user",
				 h->request, h->flags, h->size);
	if (!err)
		err = receive_up_to(in, sizeof(*h) + h->size);
	if (err == -EPROTO)
		vrng_fail(error, EPROTO,
			  "more than %d descriptors in a message", VU_FDS);
	else if (err && err != -EAGAIN && err != -ECONNRESET)
		vrng_fail(error, -err, "receive: %s", strerror(-err));
	return err;
}

/* A front end that does not read its few replies gets no others. */
int channel_reply(struct channel *in, uint32_t size, struct vrng_error *error)
{
	struct vu_message *msg = &in->msg;
	size_t len = sizeof(msg->header) + size;
	ssize_t n;

	msg->header.flags = VU_VERSION | VU_REPLY;
	msg->header.size = size;
	n = send(in->sock, msg, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n == (ssize_t)len)
		return 0;
	if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
		return -ECONNRESET;
	return vrng_fail(error, EPROTO, "replies are not read");
}
