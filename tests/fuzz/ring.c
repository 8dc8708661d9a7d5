// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any content of a virtqueue, split or packed, and of indirect tables. Each
 * request is in guest memory and within the limits, and each walk ends.
 *
 * Input: a byte for the layout, a byte for the size, then rounds of bytes for
 * the parts of the ring and for the table.
 */
#include <string.h>

#include "tests/unit/front.h"
#include "tests/device/guest-memory/map.h"
#include "tests/device/virtqueue/virtq.h"
#include "tests/fuzz/fuzz.h"

#define TABLE  (FRONT_BUF + 0x1000)
#define ROUNDS 16

struct ring {
	struct front front;
	struct memmap *map;
	unsigned char *host[2]; /* the device's view of the two regions */
};

static struct ring *ring_once(void)
{
	static struct ring ring;

	if (ring.map)
		return &ring;
	FUZZ_MUST(!front_init(&ring.front, 16));
	ring.map = memmap_new(MEMMAP_BYTES);
	FUZZ_MUST(ring.map);
	for (int i = 0; i < 2; i++) {
		struct vu_region w = front_region(i);
		struct memmap_region r = { w.guest, w.size, w.front, w.offset };
		size_t len = 1;

		FUZZ_MUST(!memmap_add(ring.map, &r, ring.front.memfd, NULL));
		ring.host[i] = memmap_guest(ring.map, w.guest, &len);
	}
	return &ring;
}

static void fill(struct ring *ring, struct fuzz_input *in, uint64_t at,
		 size_t len)
{
	const uint8_t *bytes;
	size_t n = fuzz_bytes(in, len, &bytes);

	if (n)
		memcpy(front_mem(&ring->front, at), bytes, n);
}

static bool lies_within(const struct ring *ring, const struct iovec *part)
{
	for (int i = 0; i < 2; i++) {
		const unsigned char *p = part->iov_base;

		if (p >= ring->host[i] && p < ring->host[i] + FRONT_REGION)
			return part->iov_len <=
			       (size_t)(ring->host[i] + FRONT_REGION - p);
	}
	return false;
}

static void look_at(const struct ring *ring, const struct virtq_request *req)
{
	size_t bytes = 0;

	FUZZ_MUST(req->segments <= VIRTQ_SEGMENTS);
	FUZZ_MUST(!req->fault == !!req->bytes);
	for (unsigned int i = 0; i < req->segments; i++) {
		FUZZ_MUST(lies_within(ring, &req->segment[i]));
		bytes += req->segment[i].iov_len;
	}
	FUZZ_MUST(bytes == req->bytes && bytes <= VIRTQ_REQUEST_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct ring *ring = ring_once();
	uint8_t how = fuzz_byte(&in);
	struct virtq_place place = { .desc = front_addr(FRONT_DESC),
				     .avail = front_addr(FRONT_AVAIL),
				     .used = front_addr(FRONT_USED),
				     .base = how & 4 ? VIRTQ_PACKED_BASE : 0,
				     .event_idx = how & 2,
				     .packed = how & 1 };
	struct virtq_request req;
	struct virtq vq;

	memset(front_mem(&ring->front, FRONT_DESC), 0, 0x10000);
	memset(front_mem(&ring->front, TABLE), 0, 0x1000);
	place.num = 1U + fuzz_byte(&in) % 64;
	if (virtq_start(&vq, ring->map, &place, NULL))
		return 0;
	for (int round = 0; round < ROUNDS && in.left; round++) {
		fill(ring, &in, FRONT_DESC, fuzz_byte(&in));
		fill(ring, &in, FRONT_AVAIL, fuzz_byte(&in) % 64);
		fill(ring, &in, TABLE, fuzz_byte(&in));
		for (int n = 0; n < 80 && virtq_peek(&vq, &req) == 1; n++) {
			look_at(ring, &req);
			virtq_done(&vq, &req, (uint32_t)req.bytes);
		}
		virtq_publish(&vq);
		FUZZ_MUST(virtq_idle_id(&vq) <= vq.num);
		virtq_rearm(&vq);
	}
	return 0;
}
