// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packed virtqueues: virtio 1.2, section 2.8. The driver makes descriptors
 * available, and the device marks them used, in the same table. The flags AVAIL
 * and USED of a descriptor say who owns it; their meaning flips with the wrap
 * counter, once for each lap of the ring.
 *
 * Barriers, each with its partner in the driver (Linux: virtio_ring.c):
 *
 *  A  is_available(): load of a descriptor's flags, acquire. Partner: the
 *     driver's virtio_wmb() before it stores the flags of a chain's first
 *     descriptor.
 *  B  packed_publish(): store of the flags of a batch's first answer, release.
 *     Partner: the driver's virtio_rmb() between loading those flags and the
 *     rest of the descriptor.
 *  C  packed_publish(): full barrier between that store and loading the
 *     driver's event suppression. Partner: the driver's virtio_mb() when it
 *     enables callbacks.
 *  D  packed_rearm(): full barrier between storing the device's event
 *     suppression and loading the next descriptor's flags. Partner: the
 *     driver's virtio_mb() before it decides whether to kick.
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

/* The position @n descriptors further; @n is at most one lap. */
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

/*
 * Order of a position within two laps, after which positions repeat. A lap with
 * wrap counter 1 comes first.
 */
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
 * UML sends base 0 for a new ring, which by itself means the start of the second
 * lap. In a ring that is in its second lap the first descriptor has been used
 * and has USED set; in a new ring it has not.
 */
static bool is_new(const struct virtq *vq, const struct virtq_place *place)
{
	return !place->base &&
	       !(virtq_load16(&vq->packed.desc[0].flags) & USED);
}

/*
 * Begin at the used half of the base, so that requests that were taken but not
 * answered are taken again. Refuse a base beyond the ring: no device returned
 * it.
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

/*
 * Section 2.8.1: a descriptor is available when AVAIL equals the wrap counter
 * and USED does not.
 */
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

/*
 * Section 2.8.7: an indirect table is read in order to its end, and of its
 * descriptors' flags only WRITE counts.
 */
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
		req->walked++;
		if (!fault)
			fault = virtq_request_add(vq, req, &d);
	}
	return fault;
}

/*
 * Walk the chain to its end even if it is malformed: the last descriptor holds
 * the chain's id, and the next chain begins behind it. Returns -EPROTO if the
 * chain is longer than the ring.
 */
static int chain_walk(struct virtq *vq, struct virtq_request *req)
{
	struct virtq_spot spot = vq->packed.next;
	const char *fault = NULL;
	struct virtq_desc d;

	for (req->count = 1; req->count <= vq->num; req->count++) {
		virtq_copy(vq, &d, &vq->packed.desc[spot.i]);
		req->walked++;
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
 * Storing the flags hands a descriptor to the driver. The driver reads answers
 * in order, so the flags of a batch's first one are held back until
 * packed_publish().
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

/* True if @event is among the last @n descriptors used, or is invalid. */
static bool has_passed(const struct virtq *vq, uint16_t event, uint32_t n)
{
	struct virtq_spot spot = spot_of(event);
	uint32_t laps = 2U * vq->num;
	uint32_t back = spot_order(vq, vq->packed.done) + laps - 1 -
			spot_order(vq, spot);

	return spot.i >= vq->num || back % laps < n;
}

/* Section 2.8.10. In doubt, signal: a needless signal does no harm. */
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

/*
 * Both halves are the position of the first request without a published answer.
 */
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
