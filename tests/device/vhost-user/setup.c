// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include "tests/device/guest-memory/map.h"
#include "tests/device/vhost-user/session.h"
#include "tests/device/vhost-user/setup.h"
#include "tests/device/vhost-user/wire.h"

#define BIT(n) (1ULL << (n))

#define OFFERED                                                      \
	(BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_RING_PACKED) |       \
	 BIT(VIRTIO_F_IN_ORDER) | BIT(VIRTIO_RING_F_INDIRECT_DESC) | \
	 BIT(VIRTIO_RING_F_EVENT_IDX) | BIT(VU_F_PROTOCOL) |         \
	 BIT(VU_F_LOG_ALL))
/*
 * BACKEND_REQ: this back-end sends no requests. It is offered because UML of
 * Linux 6.1 sets up the interrupt of its rings only together with the channel
 * for such requests.
 */
#define OFFERED_PROTOCOL                                             \
	(BIT(VU_PROTOCOL_MQ) | BIT(VU_PROTOCOL_LOG_SHMFD) |          \
	 BIT(VU_PROTOCOL_REPLY_ACK) | BIT(VU_PROTOCOL_BACKEND_REQ) | \
	 BIT(VU_PROTOCOL_RESET_DEVICE) | BIT(VU_PROTOCOL_MEM_SLOTS))

int vhost_setup_init(struct vhost_setup *setup, unsigned int flags,
		     const struct vring_ops *ops, void *device)
{
	*setup = (struct vhost_setup){
		.map = memmap_new(MEMMAP_BYTES),
		.resumable = flags & SESSION_RESUMABLE,
		.offered = OFFERED,
		.offered_protocol = OFFERED_PROTOCOL,
		.backend_req = -1,
	};
	if (!setup->map)
		return -ENOMEM;
	if (flags & SESSION_ACCESS_PLATFORM)
		setup->offered |= BIT(VIRTIO_F_ACCESS_PLATFORM);
	if (flags & SESSION_OUT_OF_ORDER)
		setup->offered &= ~BIT(VIRTIO_F_IN_ORDER);
	if (setup->resumable) {
		setup->offered &= ~BIT(VIRTIO_F_RING_PACKED);
		setup->offered_protocol &= ~BIT(VU_PROTOCOL_MEM_SLOTS);
	}
	vhost_vring_init(&setup->vring, ops, device, setup->map);
	return 0;
}

void vhost_setup_done(struct vhost_setup *setup)
{
	vhost_vring_reset(&setup->vring);
	vhost_vring_put_fd(&setup->backend_req, -1);
	memmap_free(setup->map);
	dirty_log_unmap(&setup->dirty);
}

void vhost_setup_choose_log(struct vhost_setup *setup)
{
	bool wanted =
		setup->dirty.pages && (setup->features & BIT(VU_F_LOG_ALL));

	memmap_log(setup->map, wanted ? &setup->dirty : NULL);
}

bool vhost_setup_torn(const struct vhost_setup *setup)
{
	return memmap_torn(setup->map) || dirty_log_torn(&setup->dirty);
}
