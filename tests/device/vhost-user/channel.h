/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A socket that carries vhost-user messages and their descriptors. It receives
 * one message at a time, which may be answered before the next one. It never
 * waits for the other end, and closes every descriptor that its user does not
 * take.
 *
 * One thread.
 */
#ifndef DEVICE_VHOST_USER_CHANNEL_H
#define DEVICE_VHOST_USER_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#include "tests/device/vhost-user/wire.h"
#include "vrng/error.h"

struct channel {
	int sock; /* connected; closed by the channel's user */
	struct vu_message msg; /* received so far */
	size_t have; /* bytes of @msg received so far */
	int fds[VU_FDS]; /* owned until taken or cleared; -1: taken */
	unsigned int nfds;
};

/*
 * Receive more of the message. Returns 0 when it is whole, and -EAGAIN when it
 * is not yet. -ECONNRESET: the other end is gone (@error is not filled).
 * -EPROTO: not a vhost-user message, or more than VU_FDS descriptors. Another
 * negative errno: recvmsg() failed.
 */
int channel_receive(struct channel *channel, struct vrng_error *error);

/*
 * Take the first descriptor of the message; the caller owns it then. The
 * message must have one (@nfds > 0).
 */
int channel_take_fd(struct channel *channel);

/*
 * Answer the message: send its header, as a reply, and the @size bytes that its
 * payload holds now. Returns 0, -ECONNRESET when the other end is gone (@error
 * is not filled), or -EPROTO when it does not read its replies.
 */
int channel_reply(struct channel *channel, uint32_t size,
		  struct vrng_error *error);

/* Drop the message, close the descriptors not taken. Call it after each one. */
void channel_clear(struct channel *channel);

#endif
