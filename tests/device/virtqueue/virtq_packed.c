// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packed rings: virtio 1.2, section 2.8. Descriptors are made available and
 * used in one and the same table; two bits of each say whose it is, and their
 * sense turns over with each lap.
 *
 * Barriers, each with its partner in the driver (Linux: virtio_ring.c):
 *
 *  A  packed_available(): load of a descriptor's flags, acquire. Partner: the
 *     driver's virtio_wmb() before it stores the flags of a chain's first one.
 *  B  packed_publish(): store of the flags of a batch's first answer, release.
 *     Partner: the driver's virtio_rmb() between those flags and the rest.
 *  C  packed_publish(): full, between that store and loading the driver's
 *     event suppression. Partner: the driver's virtio_mb() when it turns
 *     callbacks on.
 *  D  packed_rearm(): full, between storing our event suppression and loading
 *     the next descriptor's flags. Partner: the driver's virtio_mb() before it
 *     decides on a kick.
 */
#include <endian.h>
#include <errno.h>
#include <linux/virtio_ring.h>

#include "tests/device/guest-memory/map.h"
#include "tests/device/virtqueue/virtq_packed.h"

#define AVAIL	  (1U << VRING_PACKED_DESC_F_AVAIL)
#define USED	  (1U << VRING_PACKED_DESC_F_USED)
#define EVENT_LAP (1U << VRING_PACKED_EVENT_F_WRAP_CTR)

static struct virtq_spot spot_of(uint32_t word)
{
	return (struct virtq_spot){ .i = word & (EVENT_LAP - 1),
				    .lap = word & EVENT_LAP };
}

static uint16_t spot_word(struct virtq_spot spot)
{
	return (uint16_t)(spot.i | (spot.lap ? EVENT_LAP : 0));
}

/* @n descriptors on, which is no more than a lap. */
static struct virtq_spot spot_after(const struct virtq *vq,
				    struct virtq_spot spot, uint16_t n)
{
	uint32_t i = (uint32_t)spot.i + n;

	if (i >= vq->num) {
		i -= vq->num;
		spot.lap = !spot.lap;
	}
	spot.i = (uint16_t)i;
	return spot;
}

/* In the order of two laps, after which all begins anew. */
static uint32_t spot_order(const struct virtq *vq, struct virtq_spot spot)
{
	return spot.i + (spot.lap ? 0U : vq->num);
}

static void wrote_ring(const struct virtq *vq, const void *p, size_t len)
{
	if (vq->log_ring)
		memmap_wrote(vq->map, p, len);
}

/*
 * UML sends a base of 0 for a ring that is new, which is the second lap's. The
 * ring itself tells: where that has begun, the first descriptor has been used
 * once and bears USED ever since; in a new one it does not.
 */
static bool is_new(const struct virtq *vq, const struct virtq_place *place)
{
	return !place->base &&
	       !(virtq_load16(&vq->packed.desc[0].flags) & USED);
}

/*
 * What was taken but not answered is taken again: the used half counts. Laps
 * aside, an index beyond the ring is one that nobody can have had from us.
 */
static int packed_start(struct virtq *vq, const struct virtq_place *place,
			struct vrng_error *error)
{
	struct virtq_packed *q = &vq->packed;
	size_t event = sizeof(struct vring_packed_desc_event);

	q->desc = virtq_part(vq, place->desc,
			     place->num * sizeof(struct vring_packed_desc),
			     VRING_DESC_ALIGN_SIZE);
	q->driver = virtq_part(vq, place->avail, event, event);
	q->device = virtq_part(vq, place->used, event, event);
	if (!q->desc || !q->driver || !q->device)
		return virtq_misplaced(place, error);
	q->next = q->done = spot_of(place->base >> 16);
	if (is_new(vq, place))
		q->next.lap = q->done.lap = true;
	if (q->next.i >= vq->num)
		return vrng_fail(error, EINVAL, "base 0x%x of a ring of %u",
				 (unsigned int)place->base, vq->num);
	return 0;
}

/* Virtio 1.2, 2.8.21: ours when AVAIL is the lap and USED is not. */
static bool is_available(const struct virtq *vq, struct virtq_spot spot)
{
	const struct virtq_packed *q = &vq->packed;
	/* A */
	uint16_t flags = le16toh(
		__atomic_load_n(&q->desc[spot.i].flags, __ATOMIC_ACQUIRE));

	return !!(flags & AVAIL) == spot.lap && !!(flags & USED) != spot.lap;
}

static int packed_available(struct virtq *vq)
{
	return is_available(vq, vq->packed.next);
}

/* 2.8.7: in a table, all in their order; of the flags only WRITE counts. */
static const char *table_walk(const struct virtq *vq, struct virtq_request *req,
			      const struct virtq_desc *table)
{
	uint32_t n = virtq_table_size(table);
	const char *fault = NULL;
	struct virtq_desc d;

	if (table->flags & VRING_DESC_F_NEXT)
		return "indirect descriptor with a next one";
	if (!n)
		return "indirect table of a wrong size";
	for (uint32_t i = 0; i < n && !fault && !virtq_request_full(req); i++) {
		fault = virtq_fetch(vq, table->addr, i, &d);
		if (!fault)
			fault = virtq_request_add(vq, req, &d);
	}
	return fault;
}

/*
 * To the chain's end, whatever is wrong in it: only that has its id, and tells
 * where the next one begins. -EPROTO for one without an end.
 */
static int chain_walk(struct virtq *vq, struct virtq_request *req)
{
	struct virtq_spot spot = vq->packed.next;
	const char *fault = NULL;
	struct virtq_desc d;

	for (req->count = 1; req->count <= vq->num; req->count++) {
		virtq_copy(vq, &d, &vq->packed.desc[spot.i]);
		if (!fault && (d.flags & VRING_DESC_F_INDIRECT))
			fault = table_walk(vq, req, &d);
		else if (!fault && !virtq_request_full(req))
			fault = virtq_request_add(vq, req, &d);
		if (!(d.flags & VRING_DESC_F_NEXT)) {
			req->head = d.next;
			req->fault = fault;
			return 1;
		}
		spot = spot_after(vq, spot, 1);
	}
	return virtq_break(vq, "descriptor chain without an end");
}

static int packed_peek(struct virtq *vq, struct virtq_request *req)
{
	int n = chain_walk(vq, req);

	if (n > 0 && !req->fault && !req->bytes)
		req->fault = "request for no bytes";
	return n;
}

static void packed_skip(struct virtq *vq, const struct virtq_request *req)
{
	vq->packed.next = spot_after(vq, vq->packed.next, req->count);
}

/*
 * Its flags hand a descriptor over. Those of a batch's first answer wait for
 * packed_publish(): the driver looks at no other before.
 */
static void packed_answer(struct virtq *vq, const struct virtq_request *req,
			  uint32_t id, uint32_t len)
{
	struct virtq_packed *q = &vq->packed;
	struct vring_packed_desc *d = &q->desc[q->done.i];
	uint16_t flags = (uint16_t)((q->done.lap ? AVAIL | USED : 0) |
				    (len ? VRING_DESC_F_WRITE : 0));

	d->id = htole16((uint16_t)id);
	d->len = htole32(len);
	if (q->unpublished++) {
		virtq_store16(&d->flags, flags);
	} else {
		q->first = q->done;
		q->first_flags = flags;
	}
	wrote_ring(vq, d, sizeof(*d));
	q->unsignalled += req->count;
	q->done = spot_after(vq, q->done, req->count);
}

static void packed_mark_busy(const struct virtq *vq, unsigned char *busy)
{
	struct virtq_spot spot = vq->packed.next;

	for (uint16_t n = 0; n < vq->num && is_available(vq, spot); n++) {
		struct virtq_desc d;

		virtq_copy(vq, &d, &vq->packed.desc[spot.i]);
		virtq_mark(busy, d.next);
		spot = spot_after(vq, spot, 1);
	}
}

/* Is the event's descriptor among the last @n that have gone by? */
static bool has_passed(const struct virtq *vq, uint16_t event, uint32_t n)
{
	struct virtq_spot spot = spot_of(event);
	uint32_t laps = 2U * vq->num;
	uint32_t back = spot_order(vq, vq->packed.done) + laps - 1 -
			spot_order(vq, spot);

	return spot.i >= vq->num || back % laps < n;
}

/* Virtio 1.2, 2.8.10. What is told of in vain does no harm. */
static bool driver_wants_signal(struct virtq *vq)
{
	struct virtq_packed *q = &vq->packed;
	uint32_t n = q->unsignalled;

	switch (virtq_load16(&q->driver->flags)) {
	case VRING_PACKED_EVENT_FLAG_DISABLE:
		return false;
	case VRING_PACKED_EVENT_FLAG_DESC:
		if (!vq->event_idx || !vq->signalled_ever)
			break;
		if (!has_passed(vq, virtq_load16(&q->driver->off_wrap), n))
			return false;
		break;
	default:
		break;
	}
	vq->signalled_ever = true;
	return true;
}

static bool packed_publish(struct virtq *vq)
{
	struct virtq_packed *q = &vq->packed;
	bool wanted;

	if (!q->unpublished)
		return false;
	/* B */
	__atomic_store_n(&q->desc[q->first.i].flags, htole16(q->first_flags),
			 __ATOMIC_RELEASE);
	wrote_ring(vq, &q->desc[q->first.i], sizeof(*q->desc));
	q->unpublished = 0;
	/* C */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	wanted = driver_wants_signal(vq);
	q->unsignalled = 0;
	return wanted;
}

static void packed_rearm(struct virtq *vq)
{
	struct virtq_packed *q = &vq->packed;

	virtq_store16(&q->device->off_wrap, spot_word(q->next));
	__atomic_store_n(&q->device->flags,
			 htole16(vq->event_idx ?
					 VRING_PACKED_EVENT_FLAG_DESC :
					 VRING_PACKED_EVENT_FLAG_ENABLE),
			 __ATOMIC_RELEASE);
	wrote_ring(vq, q->device, sizeof(*q->device));
	/* D */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* The two halves differ only where an answer has not been published. */
static uint32_t packed_base(const struct virtq *vq)
{
	const struct virtq_packed *q = &vq->packed;
	uint32_t word = spot_word(q->unpublished ? q->first : q->done);

	return word << 16 | word;
}

const struct virtq_ops virtq_packed_ops = {
	.start = packed_start,
	.flags_last = true,
	.available = packed_available,
	.peek = packed_peek,
	.skip = packed_skip,
	.answer = packed_answer,
	.mark_busy = packed_mark_busy,
	.publish = packed_publish,
	.rearm = packed_rearm,
	.base = packed_base,
};
