/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Vhost-user messages on a socket, whole, with the descriptors that came along:
 * one at a time comes in, and may be answered before the next one. The other
 * end is never waited for, and none of its descriptors is lost.
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
	int sock; /* owned */
	struct vu_message msg; /* the one that has come, or its beginning */
	size_t have; /* bytes of it */
	int fds[VU_FDS]; /* with it, until channel_take_fd() or _clear() */
	unsigned int nfds;
};

/*
 * Read on. 0: there is a whole message; -EAGAIN: not yet; -ECONNRESET: nobody
 * is there (@error is not filled); another negative errno: this is no vhost-user.
 */
int channel_receive(struct channel *channel, struct vrng_error *error);

/* The first descriptor that came along is the caller's then. */
int channel_take_fd(struct channel *channel);

/*
 * Answer the message with its payload, of which there are @size bytes now.
 * -ECONNRESET as above; -EPROTO for a front end that does not read its answers.
 */
int channel_reply(struct channel *channel, uint32_t size,
		  struct vrng_error *error);

/* Make room for the next message; close what nobody took. */
void channel_clear(struct channel *channel);

#endif
