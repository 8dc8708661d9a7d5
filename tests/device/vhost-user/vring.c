// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/device/vhost-user/session.h"
#include "tests/device/vhost-user/vring.h"

#define BIT(n) (1ULL << (n))

void vhost_vring_put_fd(int *place, int fd)
{
	if (*place >= 0)
		close(*place);
	*place = fd;
}

void vhost_vring_pause(struct vhost_vring *ring)
{
	if (!ring->live)
		return;
	ring->ops->ring_stop(ring->device);
	ring->live = false;
	ring->place.base = virtq_base(&ring->vq);
	ring->based = true;
}

/* A kick may have come before, so the device looks at it at once. */
int vhost_vring_resume(struct vhost_vring *ring, uint64_t features,
		       struct vrng_error *error)
{
	int err;

	if (ring->live || !ring->enabled || !ring->placed || ring->kick < 0 ||
	    !ring->place.num)
		return 0;
	ring->place.event_idx = features & BIT(VIRTIO_RING_F_EVENT_IDX);
	ring->place.packed = features & BIT(VIRTIO_F_RING_PACKED);
	if (!ring->based)
		ring->place.base = ring->place.packed ? VIRTQ_PACKED_BASE : 0;
	err = virtq_start(&ring->vq, ring->map, &ring->place, error);
	if (err)
		return err;
	ring->live = true;
	err = ring->ops->ring_start(ring->device, &ring->vq, ring->kick);
	if (!err)
		return 0;
	ring->live = false;
	return vrng_fail(error, -err, "kick descriptor cannot be watched: %s",
			 strerror(-err));
}

void vhost_vring_reset(struct vhost_vring *ring)
{
	vhost_vring_pause(ring);
	vhost_vring_put_fd(&ring->kick, -1);
	vhost_vring_put_fd(&ring->call, -1);
	vhost_vring_put_fd(&ring->err, -1);
	memset(&ring->place, 0, sizeof(ring->place));
	ring->placed = false;
	ring->based = false;
	ring->enabled = false;
}

/*
 * Eight bytes, as an eventfd wants them. A full pipe or socket already holds
 * an interrupt that was not seen yet.
 */
static void notify(int fd, bool is_socket)
{
	const uint64_t one = 1;
	ssize_t n;

	if (is_socket)
		n = send(fd, &one, sizeof(one), MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		n = write(fd, &one, sizeof(one));
	(void)n;
}

static bool is_socket(int fd)
{
	struct stat st;

	return fd >= 0 && !fstat(fd, &st) && S_ISSOCK(st.st_mode);
}

void vhost_vring_called(struct vhost_vring *ring)
{
	ring->call_is_socket = is_socket(ring->call);
}

bool vhost_vring_signal(const struct vhost_vring *ring)
{
	if (ring->call < 0)
		return false;
	notify(ring->call, ring->call_is_socket);
	return true;
}

void vhost_vring_error(const struct vhost_vring *ring)
{
	if (ring->err >= 0)
		notify(ring->err, is_socket(ring->err));
}
