// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/virtio_ring.h>
#include <stddef.h>
#include <string.h>

#include "tests/device/guest-memory/map.h"
#include "tests/device/virtqueue/virtq_ring.h"

/* A descriptor differs between the layouts only in its last two fields. */
_Static_assert(sizeof(struct vring_desc) == sizeof(struct vring_packed_desc) &&
		       offsetof(struct vring_desc, len) ==
			       offsetof(struct vring_packed_desc, len) &&
		       offsetof(struct vring_desc, flags) ==
			       offsetof(struct vring_packed_desc, id),
	       "descriptors");

uint16_t virtq_load16(const uint16_t *p)
{
	return le16toh(__atomic_load_n(p, __ATOMIC_RELAXED));
}

void virtq_store16(uint16_t *p, uint16_t value)
{
	__atomic_store_n(p, htole16(value), __ATOMIC_RELAXED);
}

void *virtq_part(const struct virtq *vq, uint64_t addr, size_t len,
		 size_t align)
{
	void *p = memmap_front(vq->map, addr, len);

	return ((uintptr_t)p % align) ? NULL : p;
}

int virtq_misplaced(const struct virtq_place *place, struct vrng_error *error)
{
	return vrng_fail(error, EFAULT,
			 "ring of %" PRIu32 " at 0x%" PRIx64 ", 0x%" PRIx64
			 ", 0x%" PRIx64 ": not aligned in shared memory",
			 place->num, place->desc, place->avail, place->used);
}

void virtq_mark(unsigned char *busy, uint16_t id)
{
	id %= VIRTQ_NUM_MAX;
	busy[id / 8] |= (unsigned char)(1 << id % 8);
}

int virtq_break(struct virtq *vq, const char *how)
{
	vq->broken = how;
	return -EPROTO;
}

/*
 * The signal fence keeps the compiler from reading the driver's memory a second
 * time instead of using the copy.
 */
void virtq_copy(const struct virtq *vq, struct virtq_desc *d, const void *from)
{
	struct vring_desc raw;

	memcpy(&raw, from, sizeof(raw));
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	d->addr = le64toh(raw.addr);
	d->len = le32toh(raw.len);
	d->flags = le16toh(vq->ops->flags_last ? raw.next : raw.flags);
	d->next = le16toh(vq->ops->flags_last ? raw.flags : raw.next);
}

const char *virtq_fetch(const struct virtq *vq, uint64_t table, uint32_t i,
			struct virtq_desc *d)
{
	size_t len = sizeof(struct vring_desc);
	uint64_t addr;
	void *p;

	if (__builtin_add_overflow(table, i * sizeof(struct vring_desc), &addr))
		return "indirect table wraps around";
	p = memmap_guest(vq->map, addr, &len);
	if (!p || len < sizeof(struct vring_desc))
		return "indirect table outside of memory";
	virtq_copy(vq, d, p);
	return NULL;
}

uint32_t virtq_table_size(const struct virtq_desc *d)
{
	uint32_t n = d->len / (uint32_t)sizeof(struct vring_desc);

	if (n > VIRTQ_INDIRECT || d->len % sizeof(struct vring_desc))
		return 0;
	return n;
}

bool virtq_request_full(const struct virtq_request *req)
{
	return req->bytes == VIRTQ_REQUEST_MAX ||
	       req->segments == VIRTQ_SEGMENTS;
}

/* A buffer that spans adjacent regions becomes one segment for each. */
const char *virtq_request_add(const struct virtq *vq, struct virtq_request *req,
			      const struct virtq_desc *d)
{
	uint64_t addr = d->addr;
	size_t left = d->len;

	if (!(d->flags & VRING_DESC_F_WRITE))
		return "descriptor that only the driver writes";
	while (left && !virtq_request_full(req)) {
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
