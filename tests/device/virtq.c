// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Barriers, each with its partner in the driver (Linux: virtio_ring.c):
 *
 *  A  virtq_available(): load avail->idx, acquire. Partner: the driver's
 *     virtio_wmb() between filling avail->ring and moving avail->idx.
 *  B  virtq_publish(): store used->idx, release. Partner: the driver's
 *     virtio_rmb() between reading used->idx and the used element.
 *  C  virtq_publish(): full, between storing used->idx and loading used_event
 *     or avail->flags. Partner: the driver's virtio_store_mb() when it turns
 *     callbacks on. Without it both sides may miss the other's store, and the
 *     last answer of a burst is never signalled.
 *  D  virtq_rearm(): full, between storing avail_event and loading avail->idx.
 *     Partner: the driver's virtio_mb() before it decides on a kick. Without
 *     it the last request of a burst is never kicked.
 */
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/virtio_ring.h>
#include <string.h>

#include "tests/device/memmap.h"
#include "tests/device/virtq.h"

/* A descriptor, copied and in host byte order. */
struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};

/* Where descriptors come from: the ring's own table or an indirect one. */
struct table {
	uint64_t indirect; /* guest address, if @is_indirect */
	bool is_indirect;
	uint32_t n;
};

static uint16_t load16(const uint16_t *p)
{
	return le16toh(__atomic_load_n(p, __ATOMIC_RELAXED));
}

static void store16(uint16_t *p, uint16_t value)
{
	__atomic_store_n(p, htole16(value), __ATOMIC_RELAXED);
}

/* The driver's word on signals: last in the available ring (2.7.6). */
static const uint16_t *used_event(const struct virtq *vq)
{
	return &vq->avail->ring[vq->num];
}

/* Our word on kicks: last in the used ring (2.7.8). */
static uint16_t *avail_event(const struct virtq *vq)
{
	return (uint16_t *)(void *)&vq->used->ring[vq->num];
}

static void *place_one(const struct memmap *map, uint64_t addr, size_t len,
		       size_t align)
{
	void *p = memmap_front(map, addr, len);

	return ((uintptr_t)p % align) ? NULL : p;
}

/* All three parts, each with its event field, which the layout always has. */
static int place_all(struct virtq *vq, const struct memmap *map,
		     const struct virtq_place *place, struct vrng_why *why)
{
	size_t num = place->num;

	vq->desc = place_one(map, place->desc, num * sizeof(struct vring_desc),
			     VRING_DESC_ALIGN_SIZE);
	vq->avail = place_one(map, place->avail,
			      sizeof(struct vring_avail) +
				      (num + 1) * sizeof(uint16_t),
			      VRING_AVAIL_ALIGN_SIZE);
	vq->used = place_one(map, place->used,
			     sizeof(struct vring_used) +
				     num * sizeof(struct vring_used_elem) +
				     sizeof(uint16_t),
			     VRING_USED_ALIGN_SIZE);
	if (vq->desc && vq->avail && vq->used)
		return 0;
	return vrng_why(why, EFAULT,
			"ring of %" PRIu32 " at 0x%" PRIx64 ", 0x%" PRIx64
			", 0x%" PRIx64 ": not aligned in shared memory",
			place->num, place->desc, place->avail, place->used);
}

int virtq_start(struct virtq *vq, const struct memmap *map,
		const struct virtq_place *place, struct vrng_why *why)
{
	int err;

	memset(vq, 0, sizeof(*vq));
	if (!place->num || place->num > VIRTQ_NUM_MAX ||
	    (place->num & (place->num - 1)))
		return vrng_why(why, EINVAL,
				"ring size %" PRIu32
				" is not a power of two up to %d",
				place->num, VIRTQ_NUM_MAX);
	err = place_all(vq, map, place, why);
	if (err)
		return err;
	vq->map = map;
	vq->num = (uint16_t)place->num;
	vq->event_idx = place->event_idx;
	vq->done = load16(&vq->used->idx);
	vq->published = vq->done;
	vq->next = place->base;
	if ((uint16_t)(place->base - vq->done) <= vq->num)
		vq->next = vq->done;
	return 0;
}

static int ring_broken(struct virtq *vq, const char *how)
{
	vq->broken = how;
	return -EPROTO;
}

/* How many requests wait; -EPROTO if more than the ring can hold. */
static int virtq_available(struct virtq *vq)
{
	uint16_t idx, waiting;

	if (vq->broken)
		return -EPROTO;
	/* A */
	idx = le16toh(__atomic_load_n(&vq->avail->idx, __ATOMIC_ACQUIRE));
	waiting = (uint16_t)(idx - vq->next);
	if (waiting > vq->num)
		return ring_broken(vq, "available index jumped");
	return waiting;
}

/*
 * The copy is taken once: the signal fence keeps the compiler from reading the
 * driver's memory again in place of it.
 */
static void desc_copy(struct desc *d, const void *from)
{
	struct vring_desc raw;

	memcpy(&raw, from, sizeof(raw));
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	d->addr = le64toh(raw.addr);
	d->len = le32toh(raw.len);
	d->flags = le16toh(raw.flags);
	d->next = le16toh(raw.next);
}

static const char *table_fetch(const struct virtq *vq, const struct table *t,
			       uint16_t i, struct desc *d)
{
	size_t len = sizeof(struct vring_desc);
	uint64_t addr;
	void *p;

	if (i >= t->n)
		return "descriptor index out of range";
	if (!t->is_indirect) {
		desc_copy(d, &vq->desc[i]);
		return NULL;
	}
	if (__builtin_add_overflow(t->indirect, i * sizeof(struct vring_desc),
				   &addr))
		return "indirect table wraps around";
	p = memmap_guest(vq->map, addr, &len);
	if (!p || len < sizeof(struct vring_desc))
		return "indirect table outside of memory";
	desc_copy(d, p);
	return NULL;
}

/* Go from the ring's table into the one that @d describes (2.7.5.3). */
static const char *table_enter(struct table *t, const struct desc *d)
{
	uint32_t n = d->len / (uint32_t)sizeof(struct vring_desc);

	if (t->is_indirect)
		return "indirect table inside an indirect table";
	if (d->flags & VRING_DESC_F_NEXT)
		return "indirect descriptor with a next one";
	if (!n || n > VIRTQ_INDIRECT || d->len % sizeof(struct vring_desc))
		return "indirect table of a wrong size";
	t->is_indirect = true;
	t->indirect = d->addr;
	t->n = n;
	return NULL;
}

static bool request_full(const struct virtq_request *req)
{
	return req->bytes == VIRTQ_REQUEST_MAX ||
	       req->segments == VIRTQ_SEGMENTS;
}

/* One descriptor may cover several regions that lie side by side. */
static const char *request_add(const struct virtq *vq,
			       struct virtq_request *req, const struct desc *d)
{
	uint64_t addr = d->addr;
	size_t left = d->len;

	if (!(d->flags & VRING_DESC_F_WRITE))
		return "descriptor that only the driver writes";
	while (left && !request_full(req)) {
		size_t run = VIRTQ_REQUEST_MAX - req->bytes;
		void *p;

		if (run > left)
			run = left;
		p = memmap_guest(vq->map, addr, &run);
		if (!p)
			return "buffer outside of memory";
		req->segment[req->segments].iov_base = p;
		req->segment[req->segments++].iov_len = run;
		req->bytes += run;
		addr += run;
		left -= run;
	}
	return NULL;
}

/* Follow the chain from its head, no further than it can reach unlooped. */
static const char *chain_walk(const struct virtq *vq, struct virtq_request *req)
{
	struct table t = { .n = vq->num };
	uint16_t i = req->head;
	struct desc d;

	for (uint32_t left = t.n; left; left--) {
		const char *fault = table_fetch(vq, &t, i, &d);

		if (fault)
			return fault;
		if (d.flags & VRING_DESC_F_INDIRECT) {
			fault = table_enter(&t, &d);
			left = t.n + 1; /* of the new table */
			i = 0;
		} else {
			fault = request_add(vq, req, &d);
			i = d.next;
		}
		if (fault || request_full(req))
			return fault;
		if (!(d.flags & (VRING_DESC_F_NEXT | VRING_DESC_F_INDIRECT)))
			return req->bytes ? NULL : "request for no bytes";
	}
	return "descriptor chain is a loop";
}

int virtq_peek(struct virtq *vq, struct virtq_request *req)
{
	int waiting = virtq_available(vq);

	if (waiting <= 0)
		return waiting;
	req->head = load16(&vq->avail->ring[vq->next & (vq->num - 1)]);
	if (req->head >= vq->num)
		return ring_broken(vq, "available ring names no descriptor");
	req->bytes = 0;
	req->segments = 0;
	req->fault = chain_walk(vq, req);
	if (req->fault) {
		req->bytes = 0;
		req->segments = 0;
	}
	return 1;
}

void virtq_skip(struct virtq *vq)
{
	vq->next++;
}

void virtq_answer(struct virtq *vq, uint32_t id, uint32_t len)
{
	struct vring_used_elem *elem;

	elem = &vq->used->ring[vq->done & (vq->num - 1)];
	elem->id = htole32(id);
	elem->len = htole32(len);
	vq->done++;
}

void virtq_done(struct virtq *vq, const struct virtq_request *req, uint32_t len)
{
	virtq_answer(vq, req->head, len);
	virtq_skip(vq);
}

uint16_t virtq_idle_id(const struct virtq *vq)
{
	unsigned char busy[VIRTQ_NUM_MAX / 8] = { 0 };
	uint16_t idx = load16(&vq->avail->idx), id;

	for (uint16_t i = vq->next; i != idx; i++) {
		id = load16(&vq->avail->ring[i & (vq->num - 1)]);
		busy[id % VIRTQ_NUM_MAX / 8] |= (unsigned char)(1 << id % 8);
	}
	for (id = 0; id < vq->num; id++)
		if (!(busy[id / 8] & 1 << id % 8))
			break;
	return id;
}

/* Virtio 1.2, 2.7.7.1: with the event index, and without. */
static bool driver_wants_signal(struct virtq *vq)
{
	uint16_t was = vq->signalled;

	if (!vq->event_idx)
		return !(load16(&vq->avail->flags) &
			 VRING_AVAIL_F_NO_INTERRUPT);
	vq->signalled = vq->done;
	if (!vq->signalled_ever) {
		vq->signalled_ever = true;
		return true;
	}
	return vring_need_event(load16(used_event(vq)), vq->done, was);
}

bool virtq_publish(struct virtq *vq)
{
	if (vq->done == vq->published)
		return false;
	/* B */
	__atomic_store_n(&vq->used->idx, htole16(vq->done), __ATOMIC_RELEASE);
	vq->published = vq->done;
	/* C */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return driver_wants_signal(vq);
}

/*
 * The event is kept right even where EVENT_IDX was not negotiated: QEMU 7.2
 * lets the guest use it with devices that never offered it, and elsewhere
 * nobody reads it.
 */
bool virtq_rearm(struct virtq *vq)
{
	store16(avail_event(vq), vq->next);
	/* D */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return virtq_available(vq) != 0;
}

uint16_t virtq_base(const struct virtq *vq)
{
	return (uint16_t)(vq->next - (vq->done - vq->published));
}
