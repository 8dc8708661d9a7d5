// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Split virtqueues: virtio 1.2, section 2.7.
 *
 * Barriers, each with its partner in the driver (Linux: virtio_ring.c):
 *
 *  A  split_available(): load of avail->idx, acquire. Partner: the driver's
 *     virtio_wmb() between filling avail->ring and storing avail->idx.
 *  B  split_publish(): store of used->idx, release. Partner: the driver's
 *     virtio_rmb() between loading used->idx and the used element.
 *  C  split_publish(): full barrier between storing used->idx and loading
 *     used_event or avail->flags. Partner: the driver's virtio_store_mb() when
 *     it enables callbacks. Without it both sides may miss the other's store,
 *     and the last answer of a burst is never signalled.
 *  D  split_rearm(): full barrier between storing avail_event and loading
 *     avail->idx. Partner: the driver's virtio_mb() before it decides whether
 *     to kick. Without it the last request of a burst is never kicked.
 */
#include <endian.h>
#include <errno.h>
#include <linux/virtio_ring.h>

#include "tests/device/guest-memory/map.h"
#include "tests/device/virtqueue/virtq_split.h"

/* The table that a chain is in: the ring's own or an indirect one. */
struct table {
	uint64_t indirect; /* guest address, if @is_indirect */
	bool is_indirect;
	uint32_t n; /* descriptors */
};

/* The last field of the available ring (section 2.7.6). */
static const uint16_t *used_event(const struct virtq *vq)
{
	return &vq->split.avail->ring[vq->num];
}

/* The last field of the used ring (section 2.7.8). */
static uint16_t *avail_event(const struct virtq *vq)
{
	return (uint16_t *)(void *)&vq->split.used->ring[vq->num];
}

/* Log that @len bytes at @p, in the used ring, were written. */
static void wrote_used(const struct virtq *vq, const void *p, size_t len)
{
	const char *used = (const char *)vq->split.used;

	if (vq->log_ring)
		memmap_wrote_guest(vq->map,
				   vq->log + (uint64_t)((const char *)p - used),
				   len);
}

/*
 * Both rings are mapped with their event field, which is there even if EVENT_IDX
 * was not negotiated.
 */
static int split_start(struct virtq *vq, const struct virtq_place *place,
		       struct vrng_error *error)
{
	struct virtq_split *q = &vq->split;
	size_t num = place->num;
	uint16_t base = (uint16_t)place->base;

	q->desc = virtq_part(vq, place->desc, num * sizeof(struct vring_desc),
			     VRING_DESC_ALIGN_SIZE);
	q->avail = virtq_part(vq, place->avail,
			      sizeof(struct vring_avail) +
				      (num + 1) * sizeof(uint16_t),
			      VRING_AVAIL_ALIGN_SIZE);
	q->used = virtq_part(vq, place->used,
			     sizeof(struct vring_used) +
				     num * sizeof(struct vring_used_elem) +
				     sizeof(uint16_t),
			     VRING_USED_ALIGN_SIZE);
	if (!q->desc || !q->avail || !q->used)
		return virtq_misplaced(place, error);
	q->done = q->published = virtq_load16(&q->used->idx);
	q->next = (uint16_t)(base - q->done) <= vq->num ? q->done : base;
	return 0;
}

/* Number of requests that wait; -EPROTO if more than the ring can hold. */
static int split_available(struct virtq *vq)
{
	const struct virtq_split *q = &vq->split;
	uint16_t idx, waiting;

	/* A */
	idx = le16toh(__atomic_load_n(&q->avail->idx, __ATOMIC_ACQUIRE));
	waiting = (uint16_t)(idx - q->next);
	if (waiting > vq->num)
		return virtq_break(vq, "available index jumped");
	return waiting;
}

static const char *table_fetch(const struct virtq *vq, const struct table *t,
			       uint16_t i, struct virtq_desc *d)
{
	if (i >= t->n)
		return "descriptor index out of range";
	if (t->is_indirect)
		return virtq_fetch(vq, t->indirect, i, d);
	virtq_copy(vq, d, &vq->split.desc[i]);
	return NULL;
}

/* Continue in the indirect table that @d describes (section 2.7.5.3). */
static const char *table_enter(struct table *t, const struct virtq_desc *d)
{
	uint32_t n = virtq_table_size(d);

	if (t->is_indirect)
		return "indirect table inside an indirect table";
	if (d->flags & VRING_DESC_F_NEXT)
		return "indirect descriptor with a next one";
	if (!n)
		return "indirect table of a wrong size";
	t->is_indirect = true;
	t->indirect = d->addr;
	t->n = n;
	return NULL;
}

/*
 * Follow the chain from its head. A chain with more descriptors than its table
 * is a loop. In an indirect table the chain ends there, too.
 */
static const char *chain_walk(const struct virtq *vq, struct virtq_request *req)
{
	struct table t = { .n = vq->num };
	uint16_t i = req->head;
	struct virtq_desc d;

	for (uint32_t left = t.n; left; left--) {
		const char *fault = table_fetch(vq, &t, i, &d);

		req->walked++;
		if (fault)
			return fault;
		if (d.flags & VRING_DESC_F_INDIRECT) {
			fault = table_enter(&t, &d);
			left = t.n + 1; /* of the new table */
			i = 0;
		} else {
			fault = virtq_request_add(vq, req, &d);
			i = d.next;
		}
		if (fault || virtq_request_full(req))
			return fault;
		if (!(d.flags & (VRING_DESC_F_NEXT | VRING_DESC_F_INDIRECT)))
			return req->bytes ? NULL : "request for no bytes";
	}
	return "descriptor chain is a loop";
}

static int split_peek(struct virtq *vq, struct virtq_request *req)
{
	const struct virtq_split *q = &vq->split;

	req->head = virtq_load16(&q->avail->ring[q->next & (vq->num - 1)]);
	if (req->head >= vq->num)
		return virtq_break(vq, "available ring names no descriptor");
	req->fault = chain_walk(vq, req);
	return 1;
}

static void split_skip(struct virtq *vq, const struct virtq_request *req)
{
	(void)req;
	vq->split.next++;
}

static void split_answer(struct virtq *vq, const struct virtq_request *req,
			 uint32_t id, uint32_t len)
{
	struct virtq_split *q = &vq->split;
	struct vring_used_elem *elem = &q->used->ring[q->done & (vq->num - 1)];

	(void)req;
	elem->id = htole32(id);
	elem->len = htole32(len);
	wrote_used(vq, elem, sizeof(*elem));
	q->done++;
}

static void split_mark_busy(const struct virtq *vq, unsigned char *busy)
{
	const struct virtq_split *q = &vq->split;
	uint16_t idx = virtq_load16(&q->avail->idx);

	for (uint16_t i = q->next; i != idx; i++)
		virtq_mark(busy,
			   virtq_load16(&q->avail->ring[i & (vq->num - 1)]));
}

/*
 * Section 2.7.7: without EVENT_IDX the driver's flag decides, with it used_event
 * does. With EVENT_IDX the first batch is always signalled, as there is no index
 * of an earlier signal to compare with.
 */
static bool driver_wants_signal(struct virtq *vq)
{
	struct virtq_split *q = &vq->split;
	uint16_t was = q->signalled;

	if (!vq->event_idx)
		return !(virtq_load16(&q->avail->flags) &
			 VRING_AVAIL_F_NO_INTERRUPT);
	q->signalled = q->done;
	if (!vq->signalled_ever) {
		vq->signalled_ever = true;
		return true;
	}
	return vring_need_event(virtq_load16(used_event(vq)), q->done, was);
}

static bool split_publish(struct virtq *vq)
{
	struct virtq_split *q = &vq->split;

	if (q->done == q->published)
		return false;
	/* B */
	__atomic_store_n(&q->used->idx, htole16(q->done), __ATOMIC_RELEASE);
	q->published = q->done;
	wrote_used(vq, &q->used->idx, sizeof(q->used->idx));
	/* C */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return driver_wants_signal(vq);
}

/*
 * Store avail_event even if EVENT_IDX was not negotiated: QEMU 7.2 lets the
 * guest use it with devices that never offered it. Otherwise no driver reads
 * it.
 */
static void split_rearm(struct virtq *vq)
{
	virtq_store16(avail_event(vq), vq->split.next);
	wrote_used(vq, avail_event(vq), sizeof(uint16_t));
	/* D */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static uint32_t split_base(const struct virtq *vq)
{
	const struct virtq_split *q = &vq->split;

	return (uint16_t)(q->next - (q->done - q->published));
}

const struct virtq_ops virtq_split_ops = {
	.start = split_start,
	.available = split_available,
	.peek = split_peek,
	.skip = split_skip,
	.answer = split_answer,
	.mark_busy = split_mark_busy,
	.publish = split_publish,
	.rearm = split_rearm,
	.base = split_base,
};
