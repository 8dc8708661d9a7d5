/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a front end has set up on one connection: features, guest memory, dirty
 * log, and the ring. The handlers (handlers.h) change it, one message each.
 *
 * One thread.
 */
#ifndef DEVICE_VHOST_USER_SETUP_H
#define DEVICE_VHOST_USER_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/device/guest-memory/dirty_log.h"
#include "tests/device/vhost-user/vring.h"

#define VHOST_RINGS 1 /* virtio 1.2, section 5.4.2: one queue, requestq */

struct memmap;
struct transcript;

struct vhost_setup {
	struct memmap *map; /* owned */
	struct dirty_log dirty; /* SET_LOG_BASE: while the guest migrates */
	bool resumable; /* session.h */
	uint64_t offered; /* virtio features, and VU_F_* */
	uint64_t offered_protocol; /* bits VU_PROTOCOL_* */
	uint64_t features; /* what SET_FEATURES set */
	struct vhost_vring vring;
	int backend_req; /* owned, or -1; kept open, never used: setup.c */
};

/*
 * Nothing is set up yet; only the features to offer are chosen, by @flags
 * (SESSION_* of session.h). Returns 0, or -ENOMEM; after a failure there is nothing to undo.
 */
int vhost_setup_init(struct vhost_setup *setup, unsigned int flags,
		     const struct vring_ops *ops, void *device);

/* Stop the ring, close all descriptors, unmap memory and log. */
void vhost_setup_done(struct vhost_setup *setup);

/*
 * Mark written pages in the dirty log if there is one and VHOST_F_LOG_ALL is
 * set; otherwise mark none. Call it while the ring is paused.
 */
void vhost_setup_choose_log(struct vhost_setup *setup);

/*
 * Pause the ring, and append to *@t, which is empty, what brings a new setup to where
 * this one is. Descriptors stay this one's.
 */
void vhost_setup_save(struct vhost_setup *setup, struct transcript *t);

/* True once a file behind memory or log was found to be truncated. */
bool vhost_setup_torn(const struct vhost_setup *setup);

#endif
