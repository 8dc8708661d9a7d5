/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring of a vhost-user connection. The front end sets it up piece by piece,
 * in any order. Once all pieces are there, the device serves it. Before a piece
 * changes, the ring is paused; after each message it is resumed if it can be.
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

/* The device that serves the ring. */
struct vring_ops {
	/*
	 * The device may serve @vq: look at it now, as a kick may have come
	 * before, and whenever @kick (an eventfd or the like, not owned) is
	 * readable. A negative errno refuses; the ring is then not started.
	 */
	int (*ring_start)(void *device, struct virtq *vq, int kick);
	/*
	 * Once this returns, the device uses neither @vq nor @kick nor guest
	 * memory until the next ring_start().
	 */
	void (*ring_stop)(void *device);
};

struct vhost_vring {
	/* Set by vhost_vring_init(); not owned. */
	const struct vring_ops *ops;
	void *device;
	const struct memmap *map;

	/* Set by the front end; descriptors are owned, -1: none. */
	struct virtq_place place;
	bool placed; /* SET_VRING_ADDR has come */
	bool based; /* @place.base is set, by SET_VRING_BASE or by a pause */
	bool enabled;
	int kick;
	int call;
	bool call_is_socket;
	int err;

	struct virtq vq; /* valid while @live */
	bool live; /* the device serves the ring */
};

/* A ring with nothing set up yet. */
void vhost_vring_init(struct vhost_vring *vring, const struct vring_ops *ops,
		      void *device, const struct memmap *map);

/* Stop the device; save in @vring->place.base where the ring continues. */
void vhost_vring_pause(struct vhost_vring *vring);

/*
 * Let the device serve the ring, with the virtio features @features (VIRTIO_F_*
 * and VIRTIO_RING_F_*), if it is set up, enabled and not served yet. Returns 0
 * also when something is still missing. A negative errno: virtq_start() or the
 * device refused it.
 */
int vhost_vring_resume(struct vhost_vring *vring, uint64_t features,
		       struct vrng_error *error);

/* Pause the ring and forget all that the front end has set. */
void vhost_vring_reset(struct vhost_vring *vring);

/* Close *@place unless it is -1, and put @fd (>= 0, or -1) there. */
void vhost_vring_put_fd(int *place, int fd);

/* Call it after @vring->call has changed. */
void vhost_vring_called(struct vhost_vring *vring);

/* Interrupt the guest. False if there is no call descriptor. Never waits. */
bool vhost_vring_signal(const struct vhost_vring *vring);

/* Signal the error descriptor, if there is one. Never waits. */
void vhost_vring_error(const struct vhost_vring *vring);

#endif
