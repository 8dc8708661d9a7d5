// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include "tests/device/guest-memory/map.h"
#include "tests/device/vhost-user/session.h"
#include "tests/device/vhost-user/setup.h"
#include "tests/device/vhost-user/transcript.h"
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

/* ---- for a successor ---- */

static void save_u64(struct transcript *t, uint32_t request, uint64_t value,
		     int fd)
{
	transcript_add(t, request, &value, sizeof(value), fd);
}

static void save_state(struct transcript *t, uint32_t request, uint32_t num)
{
	const struct vu_state state = { .num = num };

	transcript_add(t, request, &state, sizeof(state), -1);
}

/* The ring is 0, whose number is the u64 of a message with a descriptor. */
static void save_fd(struct transcript *t, uint32_t request, int fd)
{
	if (fd >= 0)
		save_u64(t, request, 0, fd);
}

static void save_memory(const struct vhost_setup *setup, struct transcript *t)
{
	const struct dirty_log *dirty = &setup->dirty;
	const struct vu_log log = { .size = dirty->pages / 8,
				    .offset = dirty->offset };
	const unsigned int n = memmap_count(setup->map);

	for (unsigned int i = 0; i < n; i++) {
		int fd;
		const struct memmap_region r =
			memmap_region(setup->map, i, &fd);
		const struct vu_mem_reg reg = { .region = {
							.guest = r.guest,
							.size = r.size,
							.front = r.front,
							.offset = r.offset } };

		transcript_add(t, VU_ADD_MEM_REG, &reg, sizeof(reg), fd);
	}
	if (dirty->pages)
		transcript_add(t, VU_SET_LOG_BASE, &log, sizeof(log),
			       dirty->mapping.fd);
}

static void save_place(const struct vhost_vring *vring, struct transcript *t)
{
	const struct virtq_place *place = &vring->place;
	const struct vu_addr addr = { .flags =
					      place->log_ring ? VU_ADDR_LOG : 0,
				      .desc = place->desc,
				      .used = place->used,
				      .avail = place->avail,
				      .log = place->log };

	if (place->num)
		save_state(t, VU_SET_VRING_NUM, place->num);
	if (vring->placed)
		transcript_add(t, VU_SET_VRING_ADDR, &addr, sizeof(addr), -1);
	if (vring->based)
		save_state(t, VU_SET_VRING_BASE, place->base);
}

/*
 * The kick descriptor is last: the ring starts when it comes. SET_FEATURES enables
 * the ring if the front end did not choose VU_F_PROTOCOL, so ENABLE follows it.
 */
void vhost_setup_save(struct vhost_setup *setup, struct transcript *t)
{
	const struct vhost_vring *vring = &setup->vring;

	vhost_vring_pause(&setup->vring);
	if (setup->features)
		save_u64(t, VU_SET_FEATURES, setup->features, -1);
	save_memory(setup, t);
	save_place(vring, t);
	if (setup->backend_req >= 0)
		transcript_add(t, VU_SET_BACKEND_REQ_FD, NULL, 0,
			       setup->backend_req);
	save_fd(t, VU_SET_VRING_ERR, vring->err);
	save_fd(t, VU_SET_VRING_CALL, vring->call);
	save_state(t, VU_SET_VRING_ENABLE, vring->enabled);
	save_fd(t, VU_SET_VRING_KICK, vring->kick);
}

bool vhost_setup_torn(const struct vhost_setup *setup)
{
	return memmap_torn(setup->map) || dirty_log_torn(&setup->dirty);
}
