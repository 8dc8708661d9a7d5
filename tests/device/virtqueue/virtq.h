/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device's side of a virtqueue, split or packed (virtio 1.2, sections 2.7
 * and 2.8), for devices that answer in order and only write: peek at the next
 * request, fill it, mark it done; publish a batch; then ask whether to signal.
 *
 * Everything in the ring is the driver's and may change at any moment, so each
 * number is copied once, checked, then used. A request that makes no sense is
 * answered with length 0. A ring that makes no sense (an index that jumps, a
 * head that is none, a chain without an end) is broken until it is started
 * anew: there is nothing in it that could be answered.
 *
 * Requests are taken only when they are finished, so none is ever in flight, and
 * a ring can be stopped between any two calls.
 *
 * One thread at a time.
 */
#ifndef DEVICE_VIRTQUEUE_VIRTQ_H
#define DEVICE_VIRTQUEUE_VIRTQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/device/virtqueue/virtq_types.h"
#include "vrng/error.h"

/*
 * Look the ring up in @map, which must outlive it. It begins where the driver
 * was answered last. Of a split ring that is the used index in the ring itself,
 * if @place->base is no more than a ring's size ahead of it (what lies between
 * was never answered). A packed ring does not tell; @place->base does.
 */
int virtq_start(struct virtq *vq, const struct memmap *map,
		const struct virtq_place *place, struct vrng_error *error);

/* Is there something to peek at, or broken? No kick is asked for. */
bool virtq_waits(struct virtq *vq);

/* 1: @req holds the next request; 0: there is none; -EPROTO: broken. */
int virtq_peek(struct virtq *vq, struct virtq_request *req);

/*
 * @len bytes of the request peeked at have been written: to be told before it is
 * finished, for the log of a guest that is being migrated.
 */
void virtq_wrote(const struct virtq *vq, const struct virtq_request *req,
		 size_t len);

/* The request peeked at is finished, @len bytes of it written. */
void virtq_done(struct virtq *vq, const struct virtq_request *req,
		uint32_t len);

/*
 * For a device that errs on purpose: that in its two halves. The next request
 * is over; and an answer, which need not be one, to what was asked under @id.
 */
void virtq_skip(struct virtq *vq, const struct virtq_request *req);
void virtq_answer(struct virtq *vq, const struct virtq_request *req,
		  uint32_t id, uint32_t len);

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

/* What a successor is to begin at, as virtq_place has it. */
uint32_t virtq_base(const struct virtq *vq);

#endif
