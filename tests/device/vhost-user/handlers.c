// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <linux/virtio_config.h>
#include <stddef.h>
#include <string.h>

#include "tests/device/guest-memory/dirty_log.h"
#include "tests/device/guest-memory/map.h"
#include "tests/device/vhost-user/event_fd.h"
#include "tests/device/vhost-user/handlers.h"
#include "tests/device/vhost-user/wire.h"

#define BIT(n) (1ULL << (n))

static int ring_index(uint64_t index, struct vrng_error *error)
{
	if (index < VHOST_RINGS)
		return 0;
	return vrng_fail(error, EINVAL, "ring %" PRIu64 " of %d", index,
			 VHOST_RINGS);
}

int handle_get_features(struct vhost_setup *setup, struct channel *channel,
			struct vrng_error *error)
{
	(void)error;
	channel->msg.payload.u64 = setup->offered;
	return 0;
}

/*
 * Bits that were not offered are ignored: QEMU passes on what the guest chose,
 * whether this back-end offered it or not. Refuse a packed ring in a resumable
 * session: if an earlier back-end died, neither the ring nor QEMU knows where
 * it stopped.
 */
int handle_set_features(struct vhost_setup *setup, struct channel *channel,
			struct vrng_error *error)
{
	uint64_t features = channel->msg.payload.u64;

	if (setup->resumable && (features & BIT(VIRTIO_F_RING_PACKED)))
		return vrng_fail(error, EINVAL,
				 "a packed ring cannot be resumed; use "
				 "packed=off, or let the device listen");
	vhost_vring_pause(&setup->vring);
	setup->features = features;
	vhost_setup_choose_log(setup);
	/* Without bit 30 the ring starts enabled ("Ring states"). */
	if (!(features & BIT(VU_F_PROTOCOL)))
		setup->vring.enabled = true;
	return 0;
}

int handle_set_owner(struct vhost_setup *setup, struct channel *channel,
		     struct vrng_error *error)
{
	(void)setup;
	(void)channel;
	(void)error;
	return 0;
}

/*
 * Forget the features and the ring; keep the memory, and the dirty log, as a guest
 * may reset while it migrates.
 */
int handle_reset_device(struct vhost_setup *setup, struct channel *channel,
			struct vrng_error *error)
{
	(void)channel;
	(void)error;
	vhost_vring_reset(&setup->vring);
	setup->features = 0;
	vhost_setup_choose_log(setup);
	return 0;
}

int handle_set_log_base(struct vhost_setup *setup, struct channel *channel,
			struct vrng_error *error)
{
	struct vu_log log = channel->msg.payload.log;
	int err;

	vhost_vring_pause(&setup->vring);
	err = dirty_log_map(&setup->dirty, channel->fds[0], log.offset,
			    log.size, error);
	if (err)
		return err;
	vhost_setup_choose_log(setup);
	channel->msg.payload.u64 = 0;
	return 0;
}

static struct memmap_region region_of(const struct vu_region *r)
{
	return (struct memmap_region){ .guest = r->guest,
				       .size = r->size,
				       .front = r->front,
				       .offset = r->offset };
}

/*
 * The payload's size is only an upper bound for the number of regions: UML pads
 * the table.
 */
int handle_set_mem_table(struct vhost_setup *setup, struct channel *channel,
			 struct vrng_error *error)
{
	const struct vu_mem_table table = channel->msg.payload.table;
	size_t room = (channel->msg.header.size -
		       offsetof(struct vu_mem_table, region)) /
		      sizeof(struct vu_region);
	int err = 0;

	if (table.n > VU_REGIONS || table.n > room || table.n != channel->nfds)
		return vrng_fail(error, EINVAL,
				 "%" PRIu32 " regions, room for %zu, "
				 "%u descriptors",
				 table.n, room, channel->nfds);
	vhost_vring_pause(&setup->vring);
	memmap_clear(setup->map);
	for (unsigned int i = 0; i < table.n && !err; i++) {
		struct memmap_region region = region_of(&table.region[i]);

		err = memmap_add(setup->map, &region, channel->fds[i], error);
	}
	return err;
}

int handle_get_max_mem_slots(struct vhost_setup *setup, struct channel *channel,
			     struct vrng_error *error)
{
	(void)setup;
	(void)error;
	channel->msg.payload.u64 = MEMMAP_REGIONS;
	return 0;
}

int handle_add_mem_reg(struct vhost_setup *setup, struct channel *channel,
		       struct vrng_error *error)
{
	struct vu_region wire = channel->msg.payload.reg.region;
	struct memmap_region region = region_of(&wire);

	vhost_vring_pause(&setup->vring);
	return memmap_add(setup->map, &region, channel->fds[0], error);
}

int handle_rem_mem_reg(struct vhost_setup *setup, struct channel *channel,
		       struct vrng_error *error)
{
	struct vu_region wire = channel->msg.payload.reg.region;
	struct memmap_region region = region_of(&wire);

	vhost_vring_pause(&setup->vring);
	return memmap_remove(setup->map, &region, error);
}

int handle_set_vring_num(struct vhost_setup *setup, struct channel *channel,
			 struct vrng_error *error)
{
	struct vu_state state = channel->msg.payload.state;
	int err = ring_index(state.index, error);

	if (err)
		return err;
	if (!state.num || state.num > VIRTQ_NUM_MAX)
		return vrng_fail(error, EINVAL, "ring size %" PRIu32,
				 state.num);
	vhost_vring_pause(&setup->vring);
	setup->vring.place.num = state.num;
	return 0;
}

int handle_set_vring_addr(struct vhost_setup *setup, struct channel *channel,
			  struct vrng_error *error)
{
	struct vu_addr addr = channel->msg.payload.addr;
	struct vhost_vring *vring = &setup->vring;
	int err = ring_index(addr.index, error);

	if (err)
		return err;
	if ((addr.flags & VU_ADDR_LOG) && addr.log > INT64_MAX)
		return vrng_fail(error, EINVAL,
				 "used ring logged at 0x%" PRIx64,
				 (uint64_t)addr.log);
	vhost_vring_pause(&setup->vring);
	vring->place.log_ring = addr.flags & VU_ADDR_LOG;
	vring->place.log = addr.log;
	vring->place.desc = addr.desc;
	vring->place.avail = addr.avail;
	vring->place.used = addr.used;
	vring->placed = true;
	return 0;
}

int handle_set_vring_base(struct vhost_setup *setup, struct channel *channel,
			  struct vrng_error *error)
{
	struct vu_state state = channel->msg.payload.state;
	int err = ring_index(state.index, error);

	if (err)
		return err;
	if (state.num > UINT16_MAX &&
	    !(setup->features & BIT(VIRTIO_F_RING_PACKED)))
		return vrng_fail(error, EINVAL, "base %" PRIu32 " is no index",
				 state.num);
	vhost_vring_pause(&setup->vring);
	setup->vring.place.base = state.num;
	setup->vring.based = true;
	return 0;
}

/* Stop the ring until the front end sends a new kick descriptor. */
int handle_get_vring_base(struct vhost_setup *setup, struct channel *channel,
			  struct vrng_error *error)
{
	struct vu_state state = channel->msg.payload.state;
	int err = ring_index(state.index, error);

	if (err)
		return err;
	vhost_vring_pause(&setup->vring);
	vhost_vring_put_fd(&setup->vring.kick, -1);
	state.num = setup->vring.place.base;
	channel->msg.payload.state = state;
	return 0;
}

/* Replace *@fd with the descriptor of the message, or with -1 if it has none. */
static int take_fd(struct channel *channel, int *fd, struct vrng_error *error)
{
	bool none = channel->msg.payload.u64 & VU_VRING_NOFD;
	int err = ring_index(channel->msg.payload.u64 & VU_VRING_INDEX, error);

	if (err)
		return err;
	if (none != !channel->nfds)
		return vrng_fail(error, EINVAL, "%u descriptors, %s",
				 channel->nfds,
				 none ? "none announced" : "one announced");
	vhost_vring_put_fd(fd, -1);
	if (none)
		return 0;
	if (!event_fd_suits(channel->fds[0]))
		return vrng_fail(error, EINVAL,
				 "the descriptor is no eventfd, pipe or "
				 "socket");
	*fd = channel_take_fd(channel);
	return 0;
}

int handle_set_vring_kick(struct vhost_setup *setup, struct channel *channel,
			  struct vrng_error *error)
{
	if (channel->msg.payload.u64 & VU_VRING_NOFD)
		return vrng_fail(error, EINVAL,
				 "a ring without a kick descriptor");
	vhost_vring_pause(&setup->vring);
	return take_fd(channel, &setup->vring.kick, error);
}

/*
 * The ring is not paused: nothing of it depends on the call descriptor, which
 * QEMU changes whenever the guest masks its vector.
 */
int handle_set_vring_call(struct vhost_setup *setup, struct channel *channel,
			  struct vrng_error *error)
{
	int err = take_fd(channel, &setup->vring.call, error);

	vhost_vring_called(&setup->vring);
	return err;
}

int handle_set_vring_err(struct vhost_setup *setup, struct channel *channel,
			 struct vrng_error *error)
{
	return take_fd(channel, &setup->vring.err, error);
}

int handle_get_protocol_features(struct vhost_setup *setup,
				 struct channel *channel,
				 struct vrng_error *error)
{
	(void)error;
	channel->msg.payload.u64 = setup->offered_protocol;
	return 0;
}

/*
 * The features that were set are not kept: every request is answered whether
 * its feature was negotiated or not.
 */
int handle_set_protocol_features(struct vhost_setup *setup,
				 struct channel *channel,
				 struct vrng_error *error)
{
	uint64_t extra = channel->msg.payload.u64 & ~setup->offered_protocol;

	if (!extra)
		return 0;
	return vrng_fail(error, EINVAL,
			 "protocol features 0x%" PRIx64 " were not offered",
			 extra);
}

int handle_get_queue_num(struct vhost_setup *setup, struct channel *channel,
			 struct vrng_error *error)
{
	(void)setup;
	(void)error;
	channel->msg.payload.u64 = VHOST_RINGS;
	return 0;
}

int handle_set_backend_req_fd(struct vhost_setup *setup,
			      struct channel *channel, struct vrng_error *error)
{
	(void)error;
	vhost_vring_put_fd(&setup->backend_req, channel_take_fd(channel));
	return 0;
}

/* The guest's addresses are used as they are: see vring.c. */
int handle_iotlb_msg(struct vhost_setup *setup, struct channel *channel,
		     struct vrng_error *error)
{
	(void)setup;
	(void)channel;
	return vrng_fail(error, EOPNOTSUPP,
			 "no device behind an IOMMU of the guest is served");
}

int handle_set_vring_enable(struct vhost_setup *setup, struct channel *channel,
			    struct vrng_error *error)
{
	struct vu_state state = channel->msg.payload.state;
	int err = ring_index(state.index, error);

	if (err)
		return err;
	if (state.num > 1)
		return vrng_fail(error, EINVAL, "%" PRIu32 " is not 0 or 1",
				 state.num);
	vhost_vring_pause(&setup->vring);
	setup->vring.enabled = state.num;
	return 0;
}
