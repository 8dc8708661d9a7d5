/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring as a front end sets it up, piece by piece and in any order: once all
 * is there the device serves it, and whenever a piece changes it is paused
 * before and resumed after.
 *
 * One thread.
 */
#ifndef DEVICE_VHOST_RING_H
#define DEVICE_VHOST_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/device/virtqueue/virtq.h"
#include "vrng/error.h"

struct memmap;
struct vhost_user_ops;

struct vhost_ring {
	/* who serves it, and where it is */
	const struct vhost_user_ops *ops;
	void *device;
	const struct memmap *map;

	/* what the front end has said; -1: no such descriptor. Owned. */
	struct virtq_place place;
	bool placed; /* SET_VRING_ADDR was there */
	bool based; /* SET_VRING_BASE, or we know by ourselves */
	bool enabled;
	int kick;
	int call;
	bool call_is_socket;
	int err;

	struct virtq vq;
	bool live; /* the device serves it */
};

/* The device lets go of it; @ring->place keeps where to go on from. */
void vhost_ring_pause(struct vhost_ring *ring);

/*
 * Let the device serve it, with these virtio features, if all is there and it
 * does not yet.
 */
int vhost_ring_resume(struct vhost_ring *ring, uint64_t features,
		      struct vrng_why *why);

/* Pause it, and forget all that the front end has said. */
void vhost_ring_reset(struct vhost_ring *ring);

/* Put @fd, which may be -1, in the place of one that it has. */
void vhost_ring_put_fd(int *place, int fd);

/* There is another descriptor for interrupts. */
void vhost_ring_called(struct vhost_ring *ring);

/* Interrupt the guest. True if there was a way to. Never waits. */
bool vhost_ring_signal(const struct vhost_ring *ring);

/* Tell the front end that it is broken. */
void vhost_ring_error(const struct vhost_ring *ring);

#endif
