/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The back-end's end of a vhost-user connection with one ring: it keeps the
 * guest's memory map and the ring in step with what the front end says, and
 * tells the device when the ring may be served and when no longer. It knows
 * nothing of what is served.
 *
 * The front end is not trusted: each message is held against a table of sizes
 * and descriptor counts before it is looked at, it is never waited for, and no
 * descriptor that it sends is kept but by a message that is to keep it.
 *
 * One thread.
 */
#ifndef DEVICE_VHOST_USER_SESSION_H
#define DEVICE_VHOST_USER_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "vrng/error.h"

struct vrng_log;
struct virtq;
struct session;

struct session_ops {
	/*
	 * The ring may be served: look at it now (a kick may have come before),
	 * and whenever @kick (not owned) is readable. A negative errno refuses
	 * it.
	 */
	int (*ring_start)(void *device, struct virtq *vq, int kick);
	/*
	 * From the return of this on the device touches neither @vq nor guest
	 * memory nor @kick, until the ring is started again.
	 */
	void (*ring_stop)(void *device);
};

/*
 * @sock becomes the connection's; it is closed on failure too. @resumable says
 * that this front end may have had another back-end before, or may get another
 * one after us: then CONFIGURE_MEM_SLOTS and packed rings are not offered. The
 * latter do not tell a successor where to go on. Of the former QEMU 7.2 sends
 * only what changed in its memory since the last message of that kind, whoever
 * that went to, and so leaves the next back-end without any.
 */
struct session *session_new(int sock, bool resumable,
			    const struct session_ops *ops, void *device,
			    struct vrng_log *log);

/* Stops the ring, unmaps the memory, closes all descriptors. */
void session_free(struct session *vu);

/*
 * Take what has arrived, up to one message, and act on it, without waiting.
 * 0: go on; -ECONNRESET: the front end is gone (@error is not filled); another
 * negative errno: there is no going on with it.
 */
int session_receive(struct session *vu, struct vrng_error *error);

/* Interrupt the guest. True if there was a way to. Never waits. */
bool session_signal(struct session *vu);

/* Tell the front end that the ring is broken. */
void session_ring_error(struct session *vu);

/* Is some of the guest's memory gone under us? Then drop it. */
bool session_torn(const struct session *vu);

#endif
