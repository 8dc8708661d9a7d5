/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packed virtqueue in guest memory, with its device's side under test and its
 * driver's side played by the test, descriptor by descriptor.
 */
#ifndef PACKED_RIG_H
#define PACKED_RIG_H

#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/device/guest-memory/map.h"
#include "tests/device/virtqueue/virtq.h"
#include "tests/unit/front.h"
#include "tests/unit/front_rig.h"

#define NUM   7 /* need not be a power of two */
#define W     VRING_DESC_F_WRITE
#define NEXT  VRING_DESC_F_NEXT
#define IND   VRING_DESC_F_INDIRECT
#define AVAIL (1U << VRING_PACKED_DESC_F_AVAIL)
#define USED  (1U << VRING_PACKED_DESC_F_USED)
#define LAP   0x8000

#define DRIVER_EVENT FRONT_AVAIL
#define DEVICE_EVENT FRONT_USED
#define TABLE	     (FRONT_BUF + 0x8000)

struct fixture {
	struct front front;
	struct memmap *map;
	struct virtq vq;
	struct virtq_request req;
	struct virtq_place place;

	/* the driver's side */
	uint16_t num;
	uint16_t next; /* slot of the next descriptor */
	bool lap; /* wrap counter of @next */
	uint16_t used; /* slot of the next answer */
	bool used_lap; /* wrap counter of @used */
	uint16_t lens[256]; /* slots that a chain occupies, by id */
};

static inline struct vring_packed_desc *ring(struct fixture *f)
{
	return front_mem(&f->front, FRONT_DESC);
}

static inline struct vring_packed_desc_event *event(struct fixture *f,
						    uint64_t at)
{
	return front_mem(&f->front, at);
}

static inline void start_at(struct fixture *f, uint16_t num, uint32_t base)
{
	f->num = num;
	f->place.num = num;
	f->place.base = base;
	f->next = f->used = base >> 16 & (LAP - 1);
	f->lap = f->used_lap = base >> 31;
	assert_int_equal(virtq_start(&f->vq, f->map, &f->place, NULL), 0);
}

static inline int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	if (front_init(&f.front, NUM) || !(f.map = rig_map(&f.front)))
		return -1;
	f.place = (struct virtq_place){ .desc = front_addr(FRONT_DESC),
					.avail = front_addr(DRIVER_EVENT),
					.used = front_addr(DEVICE_EVENT),
					.packed = true };
	start_at(&f, NUM, VIRTQ_PACKED_BASE);
	*state = &f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	memmap_free(f->map);
	front_done(&f->front);
	return 0;
}

/* ---- the driver's side ---- */

/* Fill in the next slot but for its flags. Returns the flags to store. */
static inline uint16_t put(struct fixture *f, uint64_t addr, uint32_t len,
			   uint16_t id, uint16_t flags)
{
	struct vring_packed_desc *d = &ring(f)[f->next];

	flags |= f->lap ? AVAIL : USED;
	d->addr = htole64(addr);
	d->len = htole32(len);
	d->id = htole16(id);
	if (++f->next == f->num) {
		f->next = 0;
		f->lap = !f->lap;
	}
	return flags;
}

/* Make a chain of @n buffers of @len bytes available. */
static inline void offer_chain(struct fixture *f, uint16_t id, uint16_t n,
			       uint32_t len)
{
	uint16_t head = f->next, head_flags = 0;

	for (uint16_t i = 0; i < n; i++) {
		uint16_t at = f->next;
		/* only the id of the last descriptor counts */
		uint16_t flags = put(f, FRONT_BUF + i * len, len,
				     i == n - 1 ? id : 0x7777,
				     (uint16_t)(i < n - 1 ? W | NEXT : W));

		if (i)
			ring(f)[at].flags = htole16(flags);
		else
			head_flags = flags;
	}
	f->lens[id] = n;
	__atomic_store_n(&ring(f)[head].flags, htole16(head_flags),
			 __ATOMIC_RELEASE);
}

static inline void offer_one(struct fixture *f, uint64_t addr, uint32_t len,
			     uint16_t id, uint16_t flags)
{
	uint16_t at = f->next;

	f->lens[id] = 1;
	ring(f)[at].flags = htole16(put(f, addr, len, id, flags));
}

/* The next answer, if there is one: virtio 1.2, section 2.8.1. */
static inline bool take_answer(struct fixture *f, uint16_t *id, uint32_t *len)
{
	const struct vring_packed_desc *d = &ring(f)[f->used];
	uint16_t flags = le16toh(d->flags);

	if (!!(flags & AVAIL) != f->used_lap || !!(flags & USED) != f->used_lap)
		return false;
	*id = le16toh(d->id);
	*len = le32toh(d->len);
	assert_int_equal(!!(flags & W), *len > 0);
	f->used = (uint16_t)(f->used + f->lens[*id]);
	if (f->used >= f->num) {
		f->used = (uint16_t)(f->used - f->num);
		f->used_lap = !f->used_lap;
	}
	return true;
}

static inline void assert_answer(struct fixture *f, uint16_t want_id,
				 uint32_t want_len)
{
	uint32_t len = 0;
	uint16_t id = 0;

	assert_true(take_answer(f, &id, &len));
	assert_int_equal(id, want_id);
	assert_int_equal(len, want_len);
}

static inline void assert_no_answer(struct fixture *f)
{
	uint32_t len;
	uint16_t id;

	assert_false(take_answer(f, &id, &len));
}

static inline void put_table(struct fixture *f, uint32_t i, uint64_t addr,
			     uint32_t len, uint16_t flags)
{
	struct vring_packed_desc d = { .addr = htole64(addr),
				       .len = htole32(len),
				       .id = 0x5555,
				       .flags = htole16(flags) };

	memcpy((char *)front_mem(&f->front, TABLE) + i * sizeof(d), &d,
	       sizeof(d));
}

/* Ask for a signal when descriptor @i is used in the lap @lap. */
static inline void set_event(struct fixture *f, uint16_t i, bool lap)
{
	event(f, DRIVER_EVENT)->off_wrap =
		htole16((uint16_t)(i | (lap ? LAP : 0)));
	event(f, DRIVER_EVENT)->flags = htole16(2);
}

/* ---- the device's side ---- */

static inline void assert_good(struct fixture *f, size_t bytes,
			       unsigned int segments)
{
	assert_int_equal(virtq_peek(&f->vq, &f->req), 1);
	assert_null(f->req.fault);
	assert_int_equal(f->req.bytes, bytes);
	assert_int_equal(f->req.segments, segments);
}

/* The next request is malformed, and is answered with length 0. */
static inline void assert_malformed(struct fixture *f, uint16_t id)
{
	assert_int_equal(virtq_peek(&f->vq, &f->req), 1);
	assert_non_null(f->req.fault);
	assert_int_equal(f->req.bytes, 0);
	assert_int_equal(f->req.segments, 0);
	virtq_done(&f->vq, &f->req, 0);
	virtq_publish(&f->vq);
	assert_answer(f, id, 0);
}

/* Offer and answer one request. Returns whether the driver wants a signal. */
static inline bool answer_one(struct fixture *f)
{
	uint32_t len;
	uint16_t id;
	bool wanted;

	offer_chain(f, 0, 1, 8);
	assert_int_equal(virtq_peek(&f->vq, &f->req), 1);
	virtq_done(&f->vq, &f->req, 8);
	wanted = virtq_publish(&f->vq);
	assert_true(take_answer(f, &id, &len));
	return wanted;
}

#endif
