/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring as a front end sets it up, piece by piece and in any order: once all
 * is there the device serves it, and whenever a piece changes it is paused
 * before and resumed after.
 *
 * One thread.
 */
#ifndef DEVICE_VHOST_USER_VRING_H
#define DEVICE_VHOST_USER_VRING_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/device/virtqueue/virtq.h"
#include "vrng/error.h"

struct memmap;
struct session_ops;

struct vhost_vring {
	/* who serves it, and where it is */
	const struct session_ops *ops;
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
void vhost_vring_pause(struct vhost_vring *ring);

/*
 * Let the device serve it, with these virtio features, if all is there and it
 * does not yet.
 */
int vhost_vring_resume(struct vhost_vring *ring, uint64_t features,
		       struct vrng_error *error);

/* Pause it, and forget all that the front end has said. */
void vhost_vring_reset(struct vhost_vring *ring);

/* Put @fd, which may be -1, in the place of one that it has. */
void vhost_vring_put_fd(int *place, int fd);

/* There is another descriptor for interrupts. */
void vhost_vring_called(struct vhost_vring *ring);

/* Interrupt the guest. True if there was a way to. Never waits. */
bool vhost_vring_signal(const struct vhost_vring *ring);

/* Tell the front end that it is broken. */
void vhost_vring_error(const struct vhost_vring *ring);

#endif
