// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/device/vhost-user/channel.h"
#include "tests/device/guest-memory/dirty_log.h"
#include "tests/device/guest-memory/map.h"
#include "rngd/base/log.h"
#include "tests/device/vhost-user/session.h"
#include "tests/device/vhost-user/wire.h"
#include "tests/device/virtqueue/virtq.h"
#include "tests/device/vhost-user/vring.h"

#define BIT(n) (1ULL << (n))

#define OFFERED                                                            \
	(BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_RING_PACKED) |             \
	 BIT(VIRTIO_RING_F_INDIRECT_DESC) | BIT(VIRTIO_RING_F_EVENT_IDX) | \
	 BIT(VU_F_PROTOCOL) | BIT(VU_F_LOG_ALL))
/*
 * There is nothing to ask of a front end, but UML of Linux 6.1 gets itself an
 * interrupt for its rings only together with the channel for such requests.
 */
#define OFFERED_PROTOCOL                                             \
	(BIT(VU_PROTOCOL_MQ) | BIT(VU_PROTOCOL_LOG_SHMFD) |          \
	 BIT(VU_PROTOCOL_REPLY_ACK) | BIT(VU_PROTOCOL_BACKEND_REQ) | \
	 BIT(VU_PROTOCOL_RESET_DEVICE) | BIT(VU_PROTOCOL_MEM_SLOTS))

#define RINGS	   1
#define COMPLAINTS 8 /* said per connection: a front end may have many */

struct session {
	struct channel in;
	struct vrng_log *log;
	struct memmap *map;
	struct dirty_log dirty; /* of a guest that is being migrated, if any */
	bool resumable;
	uint64_t offered; /* protocol features */
	uint64_t features;
	struct vhost_vring ring;
	int backend_req; /* kept open, never used: see OFFERED_PROTOCOL */
	unsigned int complaints;
};

/* Before the ring is resumed. */
static void log_choose(struct session *vu)
{
	bool wanted = vu->dirty.pages && (vu->features & BIT(VU_F_LOG_ALL));

	memmap_log(vu->map, wanted ? &vu->dirty : NULL);
}

static int ring_index(uint64_t index, struct vrng_error *error)
{
	if (index < RINGS)
		return 0;
	return vrng_fail(error, EINVAL, "ring %" PRIu64 " of %d", index, RINGS);
}

/* ---- one handler a message; what it returns is what the front end hears ---- */

static int get_features(struct session *vu, struct channel *in,
			struct vrng_error *error)
{
	(void)error;
	in->msg.payload.u64 = OFFERED;
	if (vu->resumable)
		in->msg.payload.u64 &= ~BIT(VIRTIO_F_RING_PACKED);
	return 0;
}

/*
 * QEMU passes on what the guest took, offered here or not, so unknown bits
 * mean nothing. But where in a packed ring a predecessor that died has got to
 * nobody can tell: the ring itself does not, and QEMU does not know.
 */
static int set_features(struct session *vu, struct channel *in,
			struct vrng_error *error)
{
	uint64_t features = in->msg.payload.u64;

	if (vu->resumable && (features & BIT(VIRTIO_F_RING_PACKED)))
		return vrng_fail(error, EINVAL,
				 "a packed ring cannot be resumed; use "
				 "packed=off, or let the device listen");
	vhost_vring_pause(&vu->ring);
	vu->features = features;
	log_choose(vu);
	/* Without bit 30 nobody sends SET_VRING_ENABLE. */
	if (!(features & BIT(VU_F_PROTOCOL)))
		vu->ring.enabled = true;
	return 0;
}

static int set_owner(struct session *vu, struct channel *in,
		     struct vrng_error *error)
{
	(void)vu;
	(void)in;
	(void)error;
	return 0;
}

static int reset_device(struct session *vu, struct channel *in,
			struct vrng_error *error)
{
	(void)in;
	(void)error;
	vhost_vring_reset(&vu->ring);
	vu->features = 0;
	log_choose(vu);
	return 0;
}

/* The guest may come back from a reset while it is being migrated: it is kept. */
static int set_log_base(struct session *vu, struct channel *in,
			struct vrng_error *error)
{
	struct vu_log log = in->msg.payload.log;
	int err;

	vhost_vring_pause(&vu->ring);
	err = dirty_log_map(&vu->dirty, in->fds[0], log.offset, log.size,
			    error);
	if (err)
		return err;
	log_choose(vu);
	in->msg.payload.u64 = 0;
	return 0;
}

static struct memmap_region region_of(const struct vu_region *r)
{
	return (struct memmap_region){ .guest = r->guest,
				       .size = r->size,
				       .front = r->front,
				       .offset = r->offset };
}

/* Front ends pad the table, so its size only bounds the count in it. */
static int set_mem_table(struct session *vu, struct channel *in,
			 struct vrng_error *error)
{
	const struct vu_mem_table table = in->msg.payload.table;
	size_t room =
		(in->msg.header.size - offsetof(struct vu_mem_table, region)) /
		sizeof(struct vu_region);
	int err = 0;

	if (table.n > VU_REGIONS || table.n > room || table.n != in->nfds)
		return vrng_fail(error, EINVAL,
				 "%" PRIu32 " regions, room for %zu, "
				 "%u descriptors",
				 table.n, room, in->nfds);
	vhost_vring_pause(&vu->ring);
	memmap_clear(vu->map);
	for (unsigned int i = 0; i < table.n && !err; i++) {
		struct memmap_region region = region_of(&table.region[i]);

		err = memmap_add(vu->map, &region, in->fds[i], error);
	}
	return err;
}

static int get_max_mem_slots(struct session *vu, struct channel *in,
			     struct vrng_error *error)
{
	(void)vu;
	(void)error;
	in->msg.payload.u64 = MEMMAP_REGIONS;
	return 0;
}

static int add_mem_reg(struct session *vu, struct channel *in,
		       struct vrng_error *error)
{
	struct vu_region wire = in->msg.payload.reg.region;
	struct memmap_region region = region_of(&wire);

	vhost_vring_pause(&vu->ring);
	return memmap_add(vu->map, &region, in->fds[0], error);
}

static int rem_mem_reg(struct session *vu, struct channel *in,
		       struct vrng_error *error)
{
	struct vu_region wire = in->msg.payload.reg.region;
	struct memmap_region region = region_of(&wire);

	vhost_vring_pause(&vu->ring);
	return memmap_remove(vu->map, &region, error);
}

static int set_vring_num(struct session *vu, struct channel *in,
			 struct vrng_error *error)
{
	struct vu_state state = in->msg.payload.state;
	int err = ring_index(state.index, error);

	if (err)
		return err;
	if (!state.num || state.num > VIRTQ_NUM_MAX)
		return vrng_fail(error, EINVAL, "ring size %" PRIu32,
				 state.num);
	vhost_vring_pause(&vu->ring);
	vu->ring.place.num = state.num;
	return 0;
}

static int set_vring_addr(struct session *vu, struct channel *in,
			  struct vrng_error *error)
{
	struct vu_addr addr = in->msg.payload.addr;
	struct vhost_vring *ring = &vu->ring;
	int err = ring_index(addr.index, error);

	if (err)
		return err;
	if ((addr.flags & VU_ADDR_LOG) && addr.log > INT64_MAX)
		return vrng_fail(error, EINVAL,
				 "used ring logged at 0x%" PRIx64,
				 (uint64_t)addr.log);
	vhost_vring_pause(&vu->ring);
	ring->place.log_ring = addr.flags & VU_ADDR_LOG;
	ring->place.log = addr.log;
	ring->place.desc = addr.desc;
	ring->place.avail = addr.avail;
	ring->place.used = addr.used;
	ring->placed = true;
	return 0;
}

static int set_vring_base(struct session *vu, struct channel *in,
			  struct vrng_error *error)
{
	struct vu_state state = in->msg.payload.state;
	int err = ring_index(state.index, error);

	if (err)
		return err;
	if (state.num > UINT16_MAX &&
	    !(vu->features & BIT(VIRTIO_F_RING_PACKED)))
		return vrng_fail(error, EINVAL, "base %" PRIu32 " is no index",
				 state.num);
	vhost_vring_pause(&vu->ring);
	vu->ring.place.base = state.num;
	vu->ring.based = true;
	return 0;
}

/* Stops the ring until there is a new kick descriptor. */
static int get_vring_base(struct session *vu, struct channel *in,
			  struct vrng_error *error)
{
	struct vu_state state = in->msg.payload.state;
	int err = ring_index(state.index, error);

	if (err)
		return err;
	vhost_vring_pause(&vu->ring);
	vhost_vring_put_fd(&vu->ring.kick, -1);
	state.num = vu->ring.place.base;
	in->msg.payload.state = state;
	return 0;
}

/*
 * Put the descriptor that came with @in, if any, in the place of *@fd. What the
 * front end does with its own end must never make us wait.
 */
static int take_fd(struct channel *in, int *fd, struct vrng_error *error)
{
	bool none = in->msg.payload.u64 & VU_VRING_NOFD;
	int err = ring_index(in->msg.payload.u64 & VU_VRING_INDEX, error);
	int flags;

	if (err)
		return err;
	if (none != !in->nfds)
		return vrng_fail(error, EINVAL, "%u descriptors, %s", in->nfds,
				 none ? "none announced" : "one announced");
	vhost_vring_put_fd(fd, -1);
	if (none)
		return 0;
	flags = fcntl(in->fds[0], F_GETFL);
	if (flags < 0 || fcntl(in->fds[0], F_SETFL, flags | O_NONBLOCK) < 0)
		return vrng_fail(error, errno, "descriptor: %s",
				 strerror(errno));
	*fd = channel_take_fd(in);
	return 0;
}

static int set_vring_kick(struct session *vu, struct channel *in,
			  struct vrng_error *error)
{
	if (in->msg.payload.u64 & VU_VRING_NOFD)
		return vrng_fail(error, EINVAL,
				 "a ring without a kick descriptor");
	vhost_vring_pause(&vu->ring);
	return take_fd(in, &vu->ring.kick, error);
}

/* Changed by QEMU whenever the guest masks its vector: no need to stop. */
static int set_vring_call(struct session *vu, struct channel *in,
			  struct vrng_error *error)
{
	int err = take_fd(in, &vu->ring.call, error);

	vhost_vring_called(&vu->ring);
	return err;
}

static int set_vring_err(struct session *vu, struct channel *in,
			 struct vrng_error *error)
{
	return take_fd(in, &vu->ring.err, error);
}

static int get_protocol_features(struct session *vu, struct channel *in,
				 struct vrng_error *error)
{
	(void)error;
	in->msg.payload.u64 = vu->offered;
	return 0;
}

/* Nothing here depends on them: what is asked for is answered anyway. */
static int set_protocol_features(struct session *vu, struct channel *in,
				 struct vrng_error *error)
{
	uint64_t extra = in->msg.payload.u64 & ~vu->offered;

	if (!extra)
		return 0;
	return vrng_fail(error, EINVAL,
			 "protocol features 0x%" PRIx64 " were not offered",
			 extra);
}

static int get_queue_num(struct session *vu, struct channel *in,
			 struct vrng_error *error)
{
	(void)vu;
	(void)error;
	in->msg.payload.u64 = RINGS;
	return 0;
}

static int set_backend_req_fd(struct session *vu, struct channel *in,
			      struct vrng_error *error)
{
	(void)error;
	vhost_vring_put_fd(&vu->backend_req, channel_take_fd(in));
	return 0;
}

static int set_vring_enable(struct session *vu, struct channel *in,
			    struct vrng_error *error)
{
	struct vu_state state = in->msg.payload.state;
	int err = ring_index(state.index, error);

	if (err)
		return err;
	if (state.num > 1)
		return vrng_fail(error, EINVAL, "%" PRIu32 " is not 0 or 1",
				 state.num);
	vhost_vring_pause(&vu->ring);
	vu->ring.enabled = state.num;
	return 0;
}

/* ---- the table ---- */

#define U64   sizeof(uint64_t)
#define STATE sizeof(struct vu_state)

struct row {
	const char *name;
	uint32_t size_min;
	uint32_t size_max;
	unsigned int fds_min;
	unsigned int fds_max;
	uint32_t reply; /* payload size, 0: none but an ack if asked for */
	int (*handle)(struct session *vu, struct channel *in,
		      struct vrng_error *error);
};

/* clang-format off */
#define ROW(NAME, size, fds_min, fds_max, reply, handle) \
	[VU_##NAME] = { #NAME, size, size, fds_min, fds_max, reply, handle }

static const struct row rows[] = {
	ROW(GET_FEATURES, 0, 0, 0, U64, get_features),
	ROW(SET_FEATURES, U64, 0, 0, 0, set_features),
	ROW(SET_OWNER, 0, 0, 0, 0, set_owner),
	ROW(RESET_OWNER, 0, 0, 0, 0, reset_device),
	[VU_SET_MEM_TABLE] = { "SET_MEM_TABLE",
		offsetof(struct vu_mem_table, region),
		sizeof(struct vu_mem_table), 0, VU_REGIONS, 0, set_mem_table },
	ROW(SET_LOG_BASE, sizeof(struct vu_log), 1, 1, U64, set_log_base),
	ROW(SET_VRING_NUM, STATE, 0, 0, 0, set_vring_num),
	ROW(SET_VRING_ADDR, sizeof(struct vu_addr), 0, 0, 0, set_vring_addr),
	ROW(SET_VRING_BASE, STATE, 0, 0, 0, set_vring_base),
	ROW(GET_VRING_BASE, STATE, 0, 0, STATE, get_vring_base),
	ROW(SET_VRING_KICK, U64, 0, 1, 0, set_vring_kick),
	ROW(SET_VRING_CALL, U64, 0, 1, 0, set_vring_call),
	ROW(SET_VRING_ERR, U64, 0, 1, 0, set_vring_err),
	ROW(GET_PROTOCOL_FEATURES, 0, 0, 0, U64, get_protocol_features),
	ROW(SET_PROTOCOL_FEATURES, U64, 0, 0, 0, set_protocol_features),
	ROW(GET_QUEUE_NUM, 0, 0, 0, U64, get_queue_num),
	ROW(SET_VRING_ENABLE, STATE, 0, 0, 0, set_vring_enable),
	ROW(SET_BACKEND_REQ_FD, 0, 1, 1, 0, set_backend_req_fd),
	ROW(RESET_DEVICE, 0, 0, 0, 0, reset_device),
	ROW(GET_MAX_MEM_SLOTS, 0, 0, 0, U64, get_max_mem_slots),
	ROW(ADD_MEM_REG, sizeof(struct vu_mem_reg), 1, 1, 0, add_mem_reg),
	/* some front ends send the region's descriptor once more */
	ROW(REM_MEM_REG, sizeof(struct vu_mem_reg), 0, 1, 0, rem_mem_reg),
};
/* clang-format on */

static const struct row *row_of(uint32_t request)
{
	if (request >= sizeof(rows) / sizeof(rows[0]) || !rows[request].name)
		return NULL;
	return &rows[request];
}

/* ---- acting ---- */

static int ack(struct session *vu, bool failed, struct vrng_error *error)
{
	vu->in.msg.payload.u64 = failed;
	return channel_reply(&vu->in, sizeof(uint64_t), error);
}

static int row_check(const struct row *row, const struct channel *in,
		     struct vrng_error *error)
{
	uint32_t size = in->msg.header.size;

	if (size < row->size_min || size > row->size_max)
		return vrng_fail(error, EINVAL,
				 "size %" PRIu32 ", not %" PRIu32
				 " to %" PRIu32,
				 size, row->size_min, row->size_max);
	if (in->nfds < row->fds_min || in->nfds > row->fds_max)
		return vrng_fail(error, EINVAL, "%u descriptors, not %u to %u",
				 in->nfds, row->fds_min, row->fds_max);
	return 0;
}

/*
 * Every message may complete what the ring waits for. A ring that cannot be
 * started is that message's failure.
 */
static int act(struct session *vu, const struct row *row,
	       struct vrng_error *error)
{
	int err;

	if (!row)
		return vrng_fail(error, ENOSYS, "unknown request");
	err = row_check(row, &vu->in, error);
	if (!err)
		err = row->handle(vu, &vu->in, error);
	if (!err)
		err = vhost_vring_resume(&vu->ring, vu->features, error);
	return err;
}

/*
 * A failure goes back if an answer was asked for. If not, the front end goes on
 * as if all were well, or waits for a reply of unknown shape: then the
 * connection is given up.
 */
static int dispatch(struct session *vu, struct vrng_error *error)
{
	uint32_t request = vu->in.msg.header.request;
	bool asked = vu->in.msg.header.flags & VU_NEED_REPLY;
	const struct row *row = row_of(request);
	struct vrng_error how = { "" };
	int err = act(vu, row, &how);

	if (!err && row->reply)
		return channel_reply(&vu->in, row->reply, error);
	if (!err)
		return asked ? ack(vu, false, error) : 0;
	if (!asked || (row && row->reply))
		return vrng_fail(error, EPROTO, "%s (%" PRIu32 "): %s",
				 row ? row->name : "request", request,
				 how.text);
	if (vu->complaints++ < COMPLAINTS)
		vrng_log_line(vu->log, "refused: %s (%" PRIu32 "): %s",
			      row ? row->name : "request", request, how.text);
	return ack(vu, true, error);
}

int session_receive(struct session *vu, struct vrng_error *error)
{
	int err = channel_receive(&vu->in, error);

	if (err == -EAGAIN)
		return 0;
	if (!err)
		err = dispatch(vu, error);
	channel_clear(&vu->in);
	return err;
}

/* ---- for the device ---- */

bool session_signal(struct session *vu)
{
	return vhost_vring_signal(&vu->ring);
}

void session_ring_error(struct session *vu)
{
	vhost_vring_error(&vu->ring);
}

bool session_torn(const struct session *vu)
{
	return memmap_torn(vu->map) || dirty_log_torn(&vu->dirty);
}

struct session *session_new(int sock, bool resumable,
			    const struct session_ops *ops, void *device,
			    struct vrng_log *to)
{
	struct session *vu = calloc(1, sizeof(*vu));
	struct memmap *map = memmap_new(MEMMAP_BYTES);

	if (!vu || !map) {
		free(vu);
		memmap_free(map);
		close(sock);
		return NULL;
	}
	vu->in.sock = sock;
	vu->resumable = resumable;
	vu->offered = OFFERED_PROTOCOL;
	if (resumable)
		vu->offered &= ~BIT(VU_PROTOCOL_MEM_SLOTS);
	vu->log = to;
	vu->map = map;
	vu->ring.ops = ops;
	vu->ring.device = device;
	vu->ring.map = map;
	vu->backend_req = -1;
	vu->ring.kick = vu->ring.call = vu->ring.err = -1;
	return vu;
}

void session_free(struct session *vu)
{
	if (!vu)
		return;
	vhost_vring_reset(&vu->ring);
	channel_clear(&vu->in);
	vhost_vring_put_fd(&vu->backend_req, -1);
	memmap_free(vu->map);
	dirty_log_unmap(&vu->dirty);
	close(vu->in.sock);
	free(vu);
}
