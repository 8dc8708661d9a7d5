// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "tests/device/guest-memory/map.h"
#include "tests/device/virtqueue/virtq.h"
#include "tests/device/virtqueue/virtq_packed.h"
#include "tests/device/virtqueue/virtq_split.h"

int virtq_start(struct virtq *vq, const struct memmap *map,
		const struct virtq_place *place, struct vrng_error *error)
{
	memset(vq, 0, sizeof(*vq));
	if (!place->num || place->num > VIRTQ_NUM_MAX ||
	    (!place->packed && (place->num & (place->num - 1))))
		return vrng_fail(error, EINVAL,
				 "ring size %" PRIu32 " is not %s up to %d",
				 place->num,
				 place->packed ? "a number" : "a power of two",
				 VIRTQ_NUM_MAX);
	vq->map = map;
	vq->num = (uint16_t)place->num;
	vq->event_idx = place->event_idx;
	vq->log_ring = place->log_ring;
	vq->log = place->log;
	vq->ops = place->packed ? &virtq_packed_ops : &virtq_split_ops;
	return vq->ops->start(vq, place, error);
}

int virtq_peek(struct virtq *vq, struct virtq_request *req)
{
	int n = vq->broken ? -EPROTO : vq->ops->available(vq);

	if (n <= 0)
		return n;
	req->bytes = 0;
	req->segments = 0;
	req->walked = 0;
	n = vq->ops->peek(vq, req);
	if (n > 0 && req->fault) {
		req->bytes = 0;
		req->segments = 0;
	}
	return n;
}

void virtq_wrote(const struct virtq *vq, const struct virtq_request *req,
		 size_t len)
{
	for (unsigned int i = 0; len && i < req->segments; i++) {
		const struct iovec *segment = &req->segment[i];
		size_t n = segment->iov_len < len ? segment->iov_len : len;

		memmap_wrote(vq->map, segment->iov_base, n);
		len -= n;
	}
}

void virtq_skip(struct virtq *vq, const struct virtq_request *req)
{
	vq->ops->skip(vq, req);
}

void virtq_answer(struct virtq *vq, const struct virtq_request *req,
		  uint32_t id, uint32_t len)
{
	vq->ops->answer(vq, req, id, len);
}

void virtq_done(struct virtq *vq, const struct virtq_request *req, uint32_t len)
{
	vq->ops->answer(vq, req, req->head, len);
	vq->ops->skip(vq, req);
}

uint16_t virtq_idle_id(const struct virtq *vq)
{
	unsigned char busy[VIRTQ_NUM_MAX / 8] = { 0 };
	uint16_t id;

	vq->ops->mark_busy(vq, busy);
	for (id = 0; id < vq->num; id++)
		if (!(busy[id / 8] & 1 << id % 8))
			break;
	return id;
}

bool virtq_publish(struct virtq *vq)
{
	return vq->ops->publish(vq);
}

bool virtq_waits(struct virtq *vq)
{
	return vq->broken || vq->ops->available(vq);
}

bool virtq_rearm(struct virtq *vq)
{
	vq->ops->rearm(vq);
	return virtq_waits(vq);
}

uint32_t virtq_base(const struct virtq *vq)
{
	return vq->ops->base(vq);
}
