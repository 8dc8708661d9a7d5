/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device's side of a split virtqueue (virtio 1.2, section 2.7), for
 * devices that answer in order and only write: peek at the next request, fill
 * it, mark it done; publish a batch; then ask whether to signal.
 *
 * Everything in the ring is the driver's and may change at any moment, so each
 * number is copied once, checked, then used. A request that makes no sense is
 * answered with length 0. A ring that makes no sense (an index that jumps, a
 * head that is none) is broken until it is started anew: there is nothing in it
 * that could be answered.
 *
 * Requests are taken only when they are finished, so none is ever in flight, and
 * a ring can be stopped between any two calls.
 *
 * One thread at a time.
 */
#ifndef DEVICE_VIRTQ_H
#define DEVICE_VIRTQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "vrng/why.h"

#define VIRTQ_NUM_MAX 32768 /* entries; virtio 1.2, section 2.7 */
/*
 * What one request may carry. Overlapping descriptors can add up to far more
 * memory than there is; a device may always write less than it is offered.
 */
#define VIRTQ_REQUEST_MAX 65536 /* bytes */
#define VIRTQ_SEGMENTS	  256
#define VIRTQ_INDIRECT	  1024 /* descriptors in one indirect table */

struct memmap;
struct vring_desc;
struct vring_avail;
struct vring_used;

/* Where the front end says that the ring is. Addresses are the front end's. */
struct virtq_place {
	uint64_t desc;
	uint64_t avail;
	uint64_t used;
	uint32_t num; /* entries, a power of two */
	uint16_t base; /* available index to begin at */
	bool event_idx;
};

struct virtq {
	const struct memmap *map;
	const struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	uint16_t num;
	uint16_t next; /* available index of the next request */
	uint16_t done; /* used index of the next answer */
	uint16_t published; /* used index as the driver sees it */
	uint16_t signalled; /* used index at the last signal */
	bool signalled_ever;
	bool event_idx;
	const char *broken; /* why, or NULL */
};

/* One request: where to put the bytes. */
struct virtq_request {
	uint16_t head;
	size_t bytes; /* sum of the segments, at most VIRTQ_REQUEST_MAX */
	unsigned int segments;
	struct iovec segment[VIRTQ_SEGMENTS];
	const char *fault; /* why it is malformed (then bytes is 0), or NULL */
};

/*
 * Look the ring up in @map, which must outlive it. It begins where the driver
 * was answered last: the used index in the ring itself, if @place->base is no
 * more than a ring's size ahead of it (what lies between was never answered).
 */
int virtq_start(struct virtq *vq, const struct memmap *map,
		const struct virtq_place *place, struct vrng_why *why);

/* 1: @req holds the next request; 0: there is none; -EPROTO: broken. */
int virtq_peek(struct virtq *vq, struct virtq_request *req);

/* The request peeked at is finished, @len bytes of it written. */
void virtq_done(struct virtq *vq, const struct virtq_request *req,
		uint32_t len);

/*
 * For a device that errs on purpose: that in its two halves. The next request
 * is over; and an answer, which need not be one, to what was asked under @id.
 */
void virtq_skip(struct virtq *vq);
void virtq_answer(struct virtq *vq, uint32_t id, uint32_t len);

/* An id that no request waits under, or the ring's size if there is none. */
uint16_t virtq_idle_id(const struct virtq *vq);

/*
 * Let the driver see all that is done. True if it wants to be told; then the
 * caller signals.
 */
bool virtq_publish(struct virtq *vq);

/*
 * Ask for a kick with the next request. True if there already is one, of which
 * no kick may tell: look again. To be called before waiting for a kick.
 */
bool virtq_rearm(struct virtq *vq);

/* The index that a successor begins at. */
uint16_t virtq_base(const struct virtq *vq);

#endif
