/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State of a virtqueue and of one request: the types of virtq.h. */
#ifndef DEVICE_VIRTQUEUE_VIRTQ_TYPES_H
#define DEVICE_VIRTQUEUE_VIRTQ_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define VIRTQ_NUM_MAX 32768 /* entries; virtio 1.2, section 2.7 */
/*
 * What one request may carry. Overlapping descriptors can add up to far more
 * memory than there is; a device may always write less than it is offered.
 */
#define VIRTQ_REQUEST_MAX 65536 /* bytes */
#define VIRTQ_SEGMENTS	  256
#define VIRTQ_INDIRECT	  1024 /* descriptors in one indirect table */

/* Where a packed ring that is new begins: both at 0, in the first lap. */
#define VIRTQ_PACKED_BASE 0x80008000

struct memmap;
struct vring_desc;
struct vring_avail;
struct vring_used;
struct vring_packed_desc;
struct vring_packed_desc_event;

/*
 * Where the front end says that the ring is. Addresses are the front end's. Of
 * a packed ring @avail is the driver's event suppression and @used the
 * device's.
 */
struct virtq_place {
	uint64_t desc;
	uint64_t avail;
	uint64_t used;
	uint32_t num; /* entries; of a split ring, a power of two */
	/*
	 * Split: available index to begin at. Packed, as vhost-user has it: bits
	 * 0 to 14 the next available descriptor, 15 the lap it is in, 16 to 30
	 * the next used one, 31 its lap.
	 */
	uint32_t base;
	bool event_idx;
	bool packed;
	/*
	 * Mark as dirty what is written to the ring itself; of a split one, as if
	 * the used ring were at guest address @log.
	 */
	bool log_ring;
	uint64_t log;
};

struct virtq_split {
	const struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	uint16_t next; /* available index of the next request */
	uint16_t done; /* used index of the next answer */
	uint16_t published; /* used index as the driver sees it */
	uint16_t signalled; /* used index at the last signal */
};

/* A place in a packed ring. The lap is the wrap counter of section 2.8.1. */
struct virtq_spot {
	uint16_t i;
	bool lap;
};

struct virtq_packed {
	struct vring_packed_desc *desc;
	const struct vring_packed_desc_event *driver;
	struct vring_packed_desc_event *device;
	struct virtq_spot next; /* of the next request */
	struct virtq_spot done; /* of the next answer */
	struct virtq_spot first; /* of the answers not yet published, if any */
	uint16_t first_flags;
	uint32_t unpublished; /* answers */
	uint32_t unsignalled; /* descriptors gone by since the last signal */
};

struct virtq_ops;

struct virtq {
	const struct memmap *map;
	const struct virtq_ops *ops; /* virtq_ring.h */
	union {
		struct virtq_split split;
		struct virtq_packed packed;
	};
	uint16_t num;
	bool event_idx;
	bool log_ring;
	uint64_t log;
	bool signalled_ever;
	const char *broken; /* why, or NULL */
};

/* One request: where to put the bytes. */
struct virtq_request {
	uint16_t head; /* what it is answered under */
	uint16_t count; /* descriptors it takes up in a packed ring */
	size_t bytes; /* sum of the segments, at most VIRTQ_REQUEST_MAX */
	unsigned int segments;
	struct iovec segment[VIRTQ_SEGMENTS];
	const char *fault; /* why it is malformed (then bytes is 0), or NULL */
};

#endif
