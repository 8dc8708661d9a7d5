// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <string.h>
#include <unistd.h>

#include "tests/device/vhost-user/event_fd.h"
#include "tests/device/vhost-user/vring.h"

#define BIT(n) (1ULL << (n))

void vhost_vring_init(struct vhost_vring *vring, const struct vring_ops *ops,
		      void *device, const struct memmap *map)
{
	*vring = (struct vhost_vring){ .ops = ops,
				       .device = device,
				       .map = map,
				       .kick = -1,
				       .call = -1,
				       .err = -1 };
}

void vhost_vring_put_fd(int *place, int fd)
{
	if (*place >= 0)
		close(*place);
	*place = fd;
}

void vhost_vring_pause(struct vhost_vring *vring)
{
	if (!vring->live)
		return;
	vring->ops->ring_stop(vring->device);
	vring->live = false;
	vring->place.base = virtq_base(&vring->vq);
	vring->based = true;
}

/*
 * With VIRTIO_F_ACCESS_PLATFORM the ring may be given by addresses of the
 * guest's IOMMU, which are in no region. Without an IOMMU all addresses are as
 * without the feature.
 */
static int behind_iommu(const struct vhost_vring *vring,
			struct vrng_error *error)
{
	return vrng_fail(error, EFAULT,
			 "ring at 0x%" PRIx64
			 ": not in shared memory; no device behind an IOMMU of "
			 "the guest is served",
			 vring->place.desc);
}

int vhost_vring_resume(struct vhost_vring *vring, uint64_t features,
		       struct vrng_error *error)
{
	int err;

	if (vring->live || !vring->enabled || !vring->placed ||
	    vring->kick < 0 || !vring->place.num)
		return 0;
	vring->place.event_idx = features & BIT(VIRTIO_RING_F_EVENT_IDX);
	vring->place.packed = features & BIT(VIRTIO_F_RING_PACKED);
	if (!vring->based)
		vring->place.base = vring->place.packed ? VIRTQ_PACKED_BASE : 0;
	err = virtq_start(&vring->vq, vring->map, &vring->place, error);
	if (err == -EFAULT && (features & BIT(VIRTIO_F_ACCESS_PLATFORM)))
		return behind_iommu(vring, error);
	if (err)
		return err;
	vring->live = true;
	err = vring->ops->ring_start(vring->device, &vring->vq, vring->kick);
	if (!err)
		return 0;
	vring->live = false;
	return vrng_fail(error, -err, "kick descriptor cannot be watched: %s",
			 strerror(-err));
}

void vhost_vring_reset(struct vhost_vring *vring)
{
	vhost_vring_pause(vring);
	vhost_vring_put_fd(&vring->kick, -1);
	vhost_vring_put_fd(&vring->call, -1);
	vhost_vring_put_fd(&vring->err, -1);
	memset(&vring->place, 0, sizeof(vring->place));
	vring->placed = false;
	vring->based = false;
	vring->enabled = false;
}

void vhost_vring_called(struct vhost_vring *vring)
{
	vring->call_is_socket = event_fd_is_socket(vring->call);
}

bool vhost_vring_signal(const struct vhost_vring *vring)
{
	if (vring->call < 0)
		return false;
	event_fd_give(vring->call, vring->call_is_socket);
	return true;
}

void vhost_vring_error(const struct vhost_vring *vring)
{
	if (vring->err >= 0)
		event_fd_give(vring->err, event_fd_is_socket(vring->err));
}
