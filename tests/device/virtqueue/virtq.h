/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device's side of a virtqueue, split or packed (virtio 1.2, sections 2.7
 * and 2.8), for a device that only writes and answers requests in order. For
 * each request: peek at it, fill its buffers, mark it done. After a batch:
 * publish, then signal the driver if it asks for that.
 *
 * The ring is in the driver's memory and may change at any moment. Each number
 * is copied once, checked, then used. A malformed request is answered with
 * length 0. A ring whose state is impossible (an index that jumps, a head beyond
 * the ring, a chain without an end) is broken until it is started again,
 * because no request in it can be identified.
 *
 * A request leaves the ring only when it is done, so none is in flight between
 * two calls, and the ring can be stopped there.
 *
 * One thread at a time. Nothing here waits.
 */
#ifndef DEVICE_VIRTQUEUE_VIRTQ_H
#define DEVICE_VIRTQUEUE_VIRTQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/device/virtqueue/virtq_types.h"
#include "vrng/error.h"

/*
 * Start @vq at @place, looked up in @map, which must outlive @vq. The ring
 * continues behind the last answer:
 *  - Split: at the used index in the ring, if @place->base is at most one ring
 *    size ahead of that index (the requests between were never answered);
 *    otherwise at @place->base.
 *  - Packed: at @place->base, because the ring does not tell. A base of 0 with a
 *    ring that was never used means VIRTQ_PACKED_BASE.
 *
 * Returns 0; -EINVAL: @place->num or @place->base is impossible; -EFAULT: a
 * part of the ring is not in memory, spans two regions or is misaligned.
 */
int virtq_start(struct virtq *vq, const struct memmap *map,
		const struct virtq_place *place, struct vrng_error *error);

/* True if there is a request, or the ring is broken. Asks for no kick. */
bool virtq_waits(struct virtq *vq);

/*
 * Look at the next request without taking it. Returns 1 with @req filled, 0 if
 * there is none, -EPROTO if the ring is broken. The segments of @req are valid
 * until the ring is stopped or the memory map changes.
 */
int virtq_peek(struct virtq *vq, struct virtq_request *req);

/*
 * Mark the first @len bytes of @req as written in the dirty log, if there is
 * one. Call it after writing them, before virtq_done().
 */
void virtq_wrote(const struct virtq *vq, const struct virtq_request *req,
		 size_t len);

/*
 * Answer the request that virtq_peek() returned last with length @len, in
 * bytes, and take it from the ring. The driver sees the answer after
 * virtq_publish().
 */
void virtq_done(struct virtq *vq, const struct virtq_request *req,
		uint32_t len);

/*
 * The two halves of virtq_done(), for a device that makes mistakes on purpose:
 * virtq_skip() takes the request from the ring without an answer;
 * virtq_answer() answers under any @id with any @len.
 */
void virtq_skip(struct virtq *vq, const struct virtq_request *req);
void virtq_answer(struct virtq *vq, const struct virtq_request *req,
		  uint32_t id, uint32_t len);

/*
 * An id (descriptor index or buffer id) under which no request is available, or
 * the ring's size if there is none.
 */
uint16_t virtq_idle_id(const struct virtq *vq);

/*
 * Let the driver see all answers so far. Returns true if there is a new answer
 * and the driver wants to be signalled; the caller then does that.
 */
bool virtq_publish(struct virtq *vq);

/*
 * Ask for a kick with the next request. Call it before waiting for a kick.
 * Returns true if a request is there already, or the ring is broken: look
 * again, as there may be no kick for it.
 */
bool virtq_rearm(struct virtq *vq);

/*
 * Where the ring continues, as in virtq_place.base. Answers that are not
 * published do not count.
 */
uint32_t virtq_base(const struct virtq *vq);

#endif
