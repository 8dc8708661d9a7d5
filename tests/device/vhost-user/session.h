/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The back-end's side of one vhost-user connection with one ring. A session
 * keeps the guest's memory map and the ring as the front end sets them, and
 * tells the device when it may serve the ring and when it must stop. It does
 * not know what the device serves.
 *
 * The front end is not trusted. The session checks the size and the number of
 * descriptors of each message before its handler runs (requests.h), never waits
 * for the front end, and closes every descriptor that no message keeps.
 *
 * One thread.
 */
#ifndef DEVICE_VHOST_USER_SESSION_H
#define DEVICE_VHOST_USER_SESSION_H

#include <stdbool.h>

#include "vrng/error.h"

struct vrng_log;
struct session;
struct transcript; /* transcript.h */
struct vring_ops; /* vring.h */

/* What to offer to a front end; or'ed together. */
enum session_flags {
	/*
	 * This front end may have had another back-end before, or may get
	 * another one later. Packed rings and CONFIGURE_MEM_SLOTS are not
	 * offered then:
	 *  - A packed ring does not tell the next back-end where to continue.
	 *  - With memory slots, QEMU 7.2 sends only what changed since the last
	 *    such message, even if another back-end received that, so the next
	 *    back-end would have no memory.
	 */
	SESSION_RESUMABLE = 1,
	/*
	 * Offer VIRTIO_F_ACCESS_PLATFORM: for front ends that show the guest no
	 * feature that was not offered, and whose guest uses bounce buffers. UML
	 * accepts the feature and fails, as it has no DMA.
	 */
	SESSION_ACCESS_PLATFORM = 2,
	/*
	 * Do not offer VIRTIO_F_IN_ORDER: the device makes mistakes on purpose.
	 */
	SESSION_OUT_OF_ORDER = 4,
};

/*
 * A session on the connected socket @sock, which it owns from here on; @sock is
 * closed on failure, too. Returns NULL when there is no memory. @flags are
 * SESSION_*. @ops are called with @device. @log may be NULL; it gets one line
 * for each refused message, up to 8 in a session.
 */
struct session *session_new(int sock, unsigned int flags,
			    const struct vring_ops *ops, void *device,
			    struct vrng_log *log);

/* Stop the ring, unmap the memory, close all descriptors. NULL is allowed. */
void session_free(struct session *session);

/*
 * Receive what has arrived, at most one message, and act on it. Never waits.
 * Returns 0 while the connection can go on, -ECONNRESET when the front end is
 * gone (@error is not filled then), or another negative errno when the
 * connection must be given up.
 */
int session_receive(struct session *session, struct vrng_error *error);

/*
 * Stop the ring, and append to *@t, which is empty, what brings another session to
 * where this one is; nothing, if session_spoke() is false. It refers to descriptors
 * of this session, which must not be used any more, but for session_free(). 0, or
 * -EBUSY: half of a message has arrived.
 */
int session_save(struct session *session, struct transcript *t);

/*
 * Act on the messages of *@t, as if the front end had sent them, and take what they
 * bring. 0, or a negative errno with @error, and the session must be given up. The
 * caller closes *@t.
 */
int session_replay(struct session *session, struct transcript *t,
		   struct vrng_error *error);

/* The socket, which stays the session's. */
int session_socket(const struct session *session);

/*
 * Has the front end sent a message that was taken? Each does so at once, when it
 * connects. Most send SET_OWNER then, too; libkrun does when its guest's driver
 * starts.
 */
bool session_spoke(const struct session *session);

/*
 * Interrupt the guest. Returns false if the front end has set no call
 * descriptor. Never waits.
 */
bool session_signal(struct session *session);

/* Tell the front end, by its error descriptor if it set one: ring broken. */
void session_ring_error(struct session *session);

/*
 * True once a file behind the guest's memory or its dirty log was found to be
 * truncated. The owner must then give the session up.
 */
bool session_torn(const struct session *session);

#endif
