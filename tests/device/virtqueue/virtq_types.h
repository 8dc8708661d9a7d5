/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a virtqueue and of one request. A user of virtq.h fills in struct
 * virtq_place, reads struct virtq_request and virtq.broken, and leaves all else
 * alone. Counts are entries, lengths bytes.
 */
#ifndef DEVICE_VIRTQUEUE_VIRTQ_TYPES_H
#define DEVICE_VIRTQUEUE_VIRTQ_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define VIRTQ_NUM_MAX 32768 /* entries; virtio 1.2, sections 2.7 and 2.8 */
/*
 * Limits on one request, ours. Overlapping descriptors can describe far more
 * memory than exists. A device may always write less than it is offered.
 */
#define VIRTQ_REQUEST_MAX 65536 /* bytes */
#define VIRTQ_SEGMENTS	  256
#define VIRTQ_INDIRECT	  1024 /* descriptors in one indirect table */

/*
 * Base of a new packed ring: both indexes 0, both wrap counters 1 (virtio 1.2,
 * section 2.8.1).
 */
#define VIRTQ_PACKED_BASE 0x80008000

struct memmap;
struct vring_desc;
struct vring_avail;
struct vring_used;
struct vring_packed_desc;
struct vring_packed_desc_event;

/*
 * Where a ring is and how to serve it. Addresses are the front end's. In a
 * packed ring, @avail is the driver's event suppression structure and @used the
 * device's (virtio 1.2, section 2.8.10).
 */
struct virtq_place {
	uint64_t desc;
	uint64_t avail;
	uint64_t used;
	uint32_t num; /* entries; a power of two in a split ring */
	/*
	 * Where to begin. Split: the available index. Packed, as in vhost-user's
	 * SET_VRING_BASE: bits 0 to 14 the next available descriptor, bit 15 its
	 * wrap counter, bits 16 to 30 the next used descriptor, bit 31 its wrap
	 * counter.
	 */
	uint32_t base;
	bool event_idx; /* VIRTIO_F_EVENT_IDX was negotiated */
	bool packed;
	bool log_ring; /* mark writes to the ring itself in the dirty log */
	uint64_t log; /* split: guest address to mark for the used ring */
};

/* Of a split ring. Indexes run freely modulo 2^16 (section 2.7.6, 2.7.8). */
struct virtq_split {
	const struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	uint16_t next; /* available index of the next request */
	uint16_t done; /* used index of the next answer */
	uint16_t published; /* used index as the driver sees it */
	uint16_t signalled; /* used index at the last signal decision */
};

/* A position in a packed ring. */
struct virtq_spot {
	uint16_t i; /* descriptor, < num */
	bool lap; /* wrap counter (section 2.8.1) */
};

struct virtq_packed {
	struct vring_packed_desc *desc;
	const struct vring_packed_desc_event *driver;
	struct vring_packed_desc_event *device;
	struct virtq_spot next; /* of the next request */
	struct virtq_spot done; /* of the next answer */
	struct virtq_spot first; /* of the first unpublished answer, if any */
	uint16_t first_flags; /* flags of that answer */
	uint32_t unpublished; /* answers */
	uint32_t unsignalled; /* descriptors used since the last publish */
};

struct virtq_ops;

struct virtq {
	const struct memmap *map; /* not owned */
	const struct virtq_ops *ops; /* the layout's: virtq_ring.h */
	union {
		struct virtq_split split;
		struct virtq_packed packed;
	};
	uint16_t num;
	bool event_idx;
	bool log_ring;
	uint64_t log;
	bool signalled_ever;
	const char *broken; /* what is wrong with the ring, or NULL */
};

/* One request: where to write the bytes that it asks for. */
struct virtq_request {
	uint16_t head; /* the id to answer under */
	uint16_t count; /* packed: descriptors that it occupies in the ring */
	uint32_t walked; /* descriptors that were read to find it */
	size_t bytes; /* sum of the segments, at most VIRTQ_REQUEST_MAX */
	unsigned int segments;
	struct iovec segment[VIRTQ_SEGMENTS]; /* in guest memory */
	const char *fault; /* what is malformed (@bytes is 0 then), or NULL */
};

#endif
