// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The packed ring, with its driver's side played here, descriptor by
 * descriptor. Seeds are fixed, so is the verdict.
 */
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/front.h"
#include "tests/device/guest-memory/map.h"
#include "tests/device/virtqueue/virtq.h"
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

	/* the driver's */
	uint16_t num;
	uint16_t next; /* where the next descriptor goes ... */
	bool lap;
	uint16_t used; /* where the next answer comes ... */
	bool used_lap;
	uint16_t lens[256]; /* of the chain in ring slots, by id */
};

static struct vring_packed_desc *ring(struct fixture *f)
{
	return front_mem(&f->front, FRONT_DESC);
}

static struct vring_packed_desc_event *event(struct fixture *f, uint64_t at)
{
	return front_mem(&f->front, at);
}

static void start_at(struct fixture *f, uint16_t num, uint32_t base)
{
	f->num = num;
	f->place.num = num;
	f->place.base = base;
	f->next = f->used = base >> 16 & (LAP - 1);
	f->lap = f->used_lap = base >> 31;
	assert_int_equal(virtq_start(&f->vq, f->map, &f->place, NULL), 0);
}

static int setup(void **state)
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

static int teardown(void **state)
{
	struct fixture *f = *state;

	memmap_free(f->map);
	front_done(&f->front);
	return 0;
}

/* ---- the driver ---- */

/* Fill the next slot in; what its flags are to be. */
static uint16_t put(struct fixture *f, uint64_t addr, uint32_t len, uint16_t id,
		    uint16_t flags)
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

/* A chain of @n buffers of @len bytes; its id is the last one's. */
static void offer_chain(struct fixture *f, uint16_t id, uint16_t n,
			uint32_t len)
{
	uint16_t head = f->next, head_flags = 0;

	for (uint16_t i = 0; i < n; i++) {
		uint16_t at = f->next;
		/* only the last one's id counts */
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

static void offer_one(struct fixture *f, uint64_t addr, uint32_t len,
		      uint16_t id, uint16_t flags)
{
	uint16_t at = f->next;

	f->lens[id] = 1;
	ring(f)[at].flags = htole16(put(f, addr, len, id, flags));
}

/* The next answer, if there is one, by the rules of section 2.8.21. */
static bool take_answer(struct fixture *f, uint16_t *id, uint32_t *len)
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

static void assert_answer(struct fixture *f, uint16_t want_id,
			  uint32_t want_len)
{
	uint32_t len = 0;
	uint16_t id = 0;

	assert_true(take_answer(f, &id, &len));
	assert_int_equal(id, want_id);
	assert_int_equal(len, want_len);
}

static void assert_no_answer(struct fixture *f)
{
	uint32_t len;
	uint16_t id;

	assert_false(take_answer(f, &id, &len));
}

static void put_table(struct fixture *f, uint32_t i, uint64_t addr,
		      uint32_t len, uint16_t flags)
{
	struct vring_packed_desc d = { .addr = htole64(addr),
				       .len = htole32(len),
				       .id = 0x5555,
				       .flags = htole16(flags) };

	memcpy((char *)front_mem(&f->front, TABLE) + i * sizeof(d), &d,
	       sizeof(d));
}

/* ---- the device ---- */

static void assert_good(struct fixture *f, size_t bytes, unsigned int segments)
{
	assert_int_equal(virtq_peek(&f->vq, &f->req), 1);
	assert_null(f->req.fault);
	assert_int_equal(f->req.bytes, bytes);
	assert_int_equal(f->req.segments, segments);
}

/* It is refused, answered, and the ring goes on behind it. */
static void assert_malformed(struct fixture *f, uint16_t id)
{
	assert_int_equal(virtq_peek(&f->vq, &f->req), 1);
	assert_non_null(f->req.fault);
	assert_int_equal(f->req.bytes, 0);
	assert_int_equal(f->req.segments, 0);
	virtq_done(&f->vq, &f->req, 0);
	virtq_publish(&f->vq);
	assert_answer(f, id, 0);
}

/* One request, whole; does the driver want to hear of it? */
static bool answer_one(struct fixture *f)
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

/* ---- cases ---- */

static void an_empty_ring_has_no_request(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(virtq_peek(&f->vq, &f->req), 0);
	assert_false(virtq_publish(&f->vq));
	assert_false(virtq_rearm(&f->vq));
}

static void
a_chain_is_all_of_its_descriptors_and_has_the_last_one_s_id(void **state)
{
	struct fixture *f = *state;

	offer_chain(f, 5, 3, 16);
	assert_good(f, 48, 3);
	assert_int_equal(f->req.head, 5);
	assert_int_equal(f->req.count, 3);
	memcpy(f->req.segment[2].iov_base, "vrng", 4);
	assert_memory_equal(front_mem(&f->front, FRONT_BUF + 32), "vrng", 4);
	/* peeking takes nothing */
	assert_good(f, 48, 3);
	virtq_done(&f->vq, &f->req, 48);
	assert_no_answer(f);
	virtq_publish(&f->vq);
	assert_answer(f, 5, 48);
}

static void what_was_used_is_not_available_again(void **state)
{
	struct fixture *f = *state;

	for (int lap = 0; lap < 3; lap++) {
		for (uint16_t i = 0; i < NUM; i++)
			offer_chain(f, i, 1, 8);
		for (uint16_t i = 0; i < NUM; i++) {
			assert_good(f, 8, 1);
			virtq_done(&f->vq, &f->req, 8);
		}
		/* all of one lap are ours; none is of the next one */
		assert_int_equal(virtq_peek(&f->vq, &f->req), 0);
		virtq_publish(&f->vq);
		assert_int_equal(virtq_peek(&f->vq, &f->req), 0);
		for (uint16_t i = 0; i < NUM; i++)
			assert_answer(f, i, 8);
		assert_no_answer(f);
	}
}

static void a_batch_is_seen_all_at_once(void **state)
{
	struct fixture *f = *state;

	for (uint16_t i = 0; i < 3; i++)
		offer_chain(f, i, 2, 8);
	for (int i = 0; i < 3; i++) {
		assert_good(f, 16, 2);
		virtq_done(&f->vq, &f->req, 16);
		assert_no_answer(f);
	}
	virtq_publish(&f->vq);
	for (uint16_t i = 0; i < 3; i++)
		assert_answer(f, i, 16);
}

static void an_indirect_table_is_followed_in_its_order(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < 5; i++) /* NEXT means nothing in there */
		put_table(f, i, FRONT_BUF + i * 16, 16,
			  (uint16_t)(i == 1 ? W : W | NEXT));
	offer_one(f, TABLE, 5 * 16, 3, IND);
	assert_good(f, 80, 5);
	assert_int_equal(f->req.count, 1);
	virtq_done(&f->vq, &f->req, 80);
	virtq_publish(&f->vq);
	assert_answer(f, 3, 80);
}

static void wrong_indirect_tables_are_malformed(void **state)
{
	struct fixture *f = *state;
	const struct {
		uint64_t addr;
		uint32_t len;
	} bad[] = {
		{ TABLE, 0 },
		{ TABLE, 15 },
		{ TABLE, 17 },
		{ TABLE, (VIRTQ_INDIRECT + 1) * 16 },
		{ TABLE, 0xfffffff0 },
		{ FRONT_END - 8, 16 },
		{ FRONT_GUEST1 - 8, 16 },
		{ UINT64_MAX - 7, 32 },
		{ 0, 16 },
	};

	put_table(f, 0, FRONT_BUF, 8, W);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		offer_one(f, bad[i].addr, bad[i].len, 1, IND);
		assert_malformed(f, 1);
	}
	put_table(f, 1, FRONT_BUF, 8, 0); /* readable */
	offer_one(f, TABLE, 32, 2, IND);
	assert_malformed(f, 2);
	put_table(f, 1, 0, 8, W); /* nowhere */
	offer_one(f, TABLE, 32, 2, IND);
	assert_malformed(f, 2);
	/* and the ring goes on */
	offer_chain(f, 4, 1, 8);
	assert_good(f, 8, 1);
}

static void a_table_with_a_next_one_is_malformed_as_a_whole(void **state)
{
	struct fixture *f = *state;
	uint16_t head = f->next, flags;

	put_table(f, 0, FRONT_BUF, 8, W);
	flags = put(f, TABLE, 16, 9, IND | NEXT);
	ring(f)[f->next].flags = htole16(put(f, FRONT_BUF, 8, 1, W));
	ring(f)[1].flags = htole16(AVAIL | W);
	ring(f)[head].flags = htole16(flags);
	f->lens[1] = 2;
	assert_malformed(f, 1);
	offer_chain(f, 4, 1, 8);
	assert_good(f, 8, 1);
}

static void
bad_buffers_are_malformed_and_their_chain_is_left_behind(void **state)
{
	struct fixture *f = *state;

	offer_one(f, FRONT_BUF, 16, 1, 0); /* readable */
	assert_malformed(f, 1);
	offer_one(f, FRONT_END, 16, 1, W); /* nowhere */
	assert_malformed(f, 1);
	offer_one(f, FRONT_BUF, 0, 1, W); /* nothing */
	assert_malformed(f, 1);
	offer_chain(f, 2, 3, 16);
	ring(f)[3].addr = htole64(UINT64_MAX - 3); /* the first of it */
	assert_malformed(f, 2);
	offer_chain(f, 4, 1, 8);
	assert_good(f, 8, 1);
}

static void a_chain_without_an_end_breaks_the_ring(void **state)
{
	struct fixture *f = *state;

	for (uint16_t i = 0; i < NUM; i++)
		ring(f)[i] = (struct vring_packed_desc){
			.addr = htole64(FRONT_BUF),
			.len = htole32(1),
			.flags = htole16(AVAIL | W | NEXT)
		};
	assert_int_equal(virtq_peek(&f->vq, &f->req), -EPROTO);
	memset(ring(f), 0, NUM * sizeof(*ring(f)));
	assert_int_equal(virtq_peek(&f->vq, &f->req), -EPROTO);
	start_at(f, NUM, VIRTQ_PACKED_BASE);
	assert_int_equal(virtq_peek(&f->vq, &f->req), 0);
}

static void a_chain_as_long_as_the_ring_is_one(void **state)
{
	struct fixture *f = *state;

	offer_chain(f, 1, 2, 8);
	assert_good(f, 16, 2);
	virtq_done(&f->vq, &f->req, 16);
	virtq_publish(&f->vq);
	assert_answer(f, 1, 16);
	/* over the ring's end */
	offer_chain(f, 6, NUM, 8);
	assert_good(f, 8 * NUM, NUM);
	virtq_done(&f->vq, &f->req, 8 * NUM);
	virtq_publish(&f->vq);
	assert_answer(f, 6, 8 * NUM);
}

static void more_than_fits_is_capped_and_left_behind_whole(void **state)
{
	struct fixture *f = *state;

	offer_chain(f, 1, 4, 40000);
	assert_good(f, VIRTQ_REQUEST_MAX, 2);
	assert_int_equal(f->req.count, 4);
	assert_int_equal(f->req.head, 1);
	virtq_done(&f->vq, &f->req, VIRTQ_REQUEST_MAX);
	virtq_publish(&f->vq);
	assert_answer(f, 1, VIRTQ_REQUEST_MAX);
}

static void a_successor_goes_on_where_it_is_told(void **state)
{
	struct fixture *f = *state;
	uint32_t base;

	for (int i = 0; i < 30; i++) {
		uint16_t n = (uint16_t)(1 + i % 3);

		offer_chain(f, 2, n, 8);
		assert_int_equal(virtq_peek(&f->vq, &f->req), 1);
		virtq_done(&f->vq, &f->req, 8);
		/* what was not published is the successor's to answer */
		base = virtq_base(&f->vq);
		f->place.base = base;
		assert_int_equal(virtq_start(&f->vq, f->map, &f->place, NULL),
				 0);
		assert_int_equal(virtq_peek(&f->vq, &f->req), 1);
		assert_int_equal(f->req.count, n);
		virtq_done(&f->vq, &f->req, 8);
		virtq_publish(&f->vq);
		assert_int_not_equal(virtq_base(&f->vq), base);
		assert_answer(f, 2, 8);
	}
}

/* UML says 0 of a ring that is new; of others it means the second lap. */
static void a_base_of_zero_is_told_by_the_ring(void **state)
{
	struct fixture *f = *state;

	f->place.base = 0;
	assert_int_equal(virtq_start(&f->vq, f->map, &f->place, NULL), 0);
	for (uint16_t i = 0; i < NUM; i++)
		answer_one(f);
	assert_int_equal(virtq_base(&f->vq), 0);
	assert_int_equal(virtq_start(&f->vq, f->map, &f->place, NULL), 0);
	assert_int_equal(virtq_peek(&f->vq, &f->req), 0);
	answer_one(f);
	assert_int_equal(virtq_base(&f->vq), 0x00010001);
}

static void what_is_used_already_is_no_request(void **state)
{
	struct fixture *f = *state;

	ring(f)[0].addr = htole64(FRONT_BUF);
	ring(f)[0].len = htole32(8);
	ring(f)[0].flags = htole16(AVAIL | USED | W);
	assert_int_equal(virtq_peek(&f->vq, &f->req), 0);
	ring(f)[0].flags = htole16(USED | W);
	assert_int_equal(virtq_peek(&f->vq, &f->req), 0);
	ring(f)[0].flags = htole16(AVAIL | W);
	assert_int_equal(virtq_peek(&f->vq, &f->req), 1);
}

/* ---- who is told ---- */

static void the_driver_s_flags_decide_on_signals(void **state)
{
	struct fixture *f = *state;

	assert_true(answer_one(f));
	event(f, DRIVER_EVENT)->flags = htole16(1); /* DISABLE */
	assert_false(answer_one(f));
	event(f, DRIVER_EVENT)->flags = 0;
	assert_true(answer_one(f));
	/* DESC without EVENT_IDX is against the rules: told in any case */
	event(f, DRIVER_EVENT)->flags = htole16(2);
	event(f, DRIVER_EVENT)->off_wrap = htole16(0x1234);
	assert_true(answer_one(f));
}

static void set_event(struct fixture *f, uint16_t i, bool lap)
{
	event(f, DRIVER_EVENT)->off_wrap =
		htole16((uint16_t)(i | (lap ? LAP : 0)));
	event(f, DRIVER_EVENT)->flags = htole16(2);
}

static void the_event_s_descriptor_decides_with_event_idx(void **state)
{
	struct fixture *f = *state;

	f->place.event_idx = true;
	start_at(f, NUM, VIRTQ_PACKED_BASE);
	set_event(f, 0, false);
	assert_true(answer_one(f)); /* the first is told in any case */
	set_event(f, 3, true);
	assert_false(answer_one(f)); /* 1 */
	assert_false(answer_one(f)); /* 2 */
	assert_true(answer_one(f)); /* 3 */
	assert_false(answer_one(f)); /* 4 */
	set_event(f, 0, false); /* of the next lap */
	assert_false(answer_one(f)); /* 5 */
	assert_false(answer_one(f)); /* 6 */
	assert_true(answer_one(f)); /* 0 */
	set_event(f, 1, true); /* gone by in the lap before */
	assert_false(answer_one(f)); /* 1 */
	set_event(f, NUM, true); /* no descriptor: told rather than not */
	assert_true(answer_one(f));
}

static void kicks_are_asked_for_with_the_next_descriptor(void **state)
{
	struct fixture *f = *state;

	assert_false(virtq_rearm(&f->vq));
	assert_int_equal(event(f, DEVICE_EVENT)->flags, 0); /* ENABLE */
	f->place.event_idx = true;
	start_at(f, NUM, VIRTQ_PACKED_BASE);
	for (int i = 0; i < 3 * NUM; i++) {
		uint16_t want = (uint16_t)(i % NUM | (i / NUM % 2 ? 0 : LAP));

		assert_false(virtq_rearm(&f->vq));
		assert_int_equal(le16toh(event(f, DEVICE_EVENT)->flags), 2);
		assert_int_equal(le16toh(event(f, DEVICE_EVENT)->off_wrap),
				 want);
		answer_one(f);
	}
	/* what came before we asked is seen, as no kick will tell of it */
	offer_chain(f, 1, 1, 8);
	assert_true(virtq_rearm(&f->vq));
}

static void wrong_places_are_refused(void **state)
{
	struct fixture *f = *state;
	struct virtq_place good = f->place;

	for (int i = 0; i < 7; i++) {
		f->place = good;
		f->place.num = i == 0 ? 0 : i == 1 ? VIRTQ_NUM_MAX + 1 : NUM;
		f->place.base = i == 2 ? 0x80078007 : VIRTQ_PACKED_BASE;
		f->place.desc += i == 3 ? 8 : 0;
		f->place.avail += i == 4 ? 2 : 0;
		f->place.used = i == 5 ? 0 : f->place.used;
		if (i == 6)
			f->place.desc = front_addr(FRONT_GUEST1 - 16);
		assert_true(virtq_start(&f->vq, f->map, &f->place, NULL) < 0);
	}
}

/* ---- a long life ---- */

static uint64_t rand_state;

static uint32_t any(uint32_t below)
{
	rand_state =
		rand_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(rand_state >> 33) % below;
}

/* In slots since the beginning, which never wrap. */
struct model {
	uint64_t offered, answered, taken;
	uint16_t ids[64]; /* of the requests on their way, in order */
	uint32_t lens[64];
	unsigned int head, waiting, published;
};

static void offer_any(struct fixture *f, struct model *m)
{
	uint16_t n = (uint16_t)(1 + any(4)), id = (uint16_t)any(64);
	unsigned int at = (m->head + m->waiting) % 64;

	if (m->offered + n - m->taken > f->num || m->waiting == 64)
		return;
	for (unsigned int i = 0; i < m->waiting; i++)
		if (m->ids[(m->head + i) % 64] == id)
			return; /* it is on its way */
	if (n == 1 && any(2)) {
		uint32_t parts = 1 + any(5);

		for (uint32_t i = 0; i < parts; i++)
			put_table(f, i, FRONT_BUF, 8, W);
		offer_one(f, TABLE, parts * 16, id, IND);
	} else {
		offer_chain(f, id, n, 8);
	}
	m->offered += n;
	m->ids[at] = id;
	m->lens[at] = 1 + any(8);
	m->waiting++;
}

/* Answer some; whether a signal was due is worked out the slow way. */
static void answer_some(struct fixture *f, struct model *m)
{
	uint32_t n = any(4);
	uint64_t before = m->answered;
	/* an event up to a lap ahead, or behind */
	uint64_t at = before + any(2U * f->num - 1);
	bool passed, past = any(4) == 0, first = !f->vq.signalled_ever;

	at = past && at >= f->num ? at - f->num : at;
	set_event(f, (uint16_t)(at % f->num), !(at / f->num % 2));
	while (n-- && virtq_peek(&f->vq, &f->req) == 1) {
		unsigned int i = (m->head + m->published) % 64;

		assert_int_equal(f->req.head, m->ids[i]);
		assert_null(f->req.fault);
		m->answered += f->req.count;
		virtq_done(&f->vq, &f->req, m->lens[i]);
		m->published++;
	}
	passed = virtq_publish(&f->vq);
	if (m->answered != before)
		assert_int_equal(passed,
				 first || (at >= before && at < m->answered));
	else
		assert_false(passed);
}

static void take_some(struct fixture *f, struct model *m)
{
	uint32_t len, n = any(4);
	uint16_t id;

	while (n-- && take_answer(f, &id, &len)) {
		assert_true(m->published > 0);
		assert_int_equal(id, m->ids[m->head]);
		assert_int_equal(len, m->lens[m->head]);
		m->taken += f->lens[id];
		m->head = (m->head + 1) % 64;
		m->waiting--;
		m->published--;
	}
}

static void any_traffic_comes_out_as_it_went_in(void **state)
{
	struct fixture *f = *state;

	f->place.event_idx = true;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct model m = { 0 };

		rand_state = seed;
		memset(ring(f), 0, 64 * sizeof(*ring(f)));
		start_at(f, (uint16_t)(4 + any(40)), VIRTQ_PACKED_BASE);
		for (int i = 0; i < 3000; i++) {
			offer_any(f, &m);
			if (any(3) == 0)
				answer_some(f, &m);
			if (any(3) == 0)
				take_some(f, &m);
		}
		if (m.taken < 1000)
			fail_msg("seed %u: %u descriptors only",
				 (unsigned int)seed, (unsigned int)m.taken);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_empty_ring_has_no_request),
		T(a_chain_is_all_of_its_descriptors_and_has_the_last_one_s_id),
		T(what_was_used_is_not_available_again),
		T(a_batch_is_seen_all_at_once),
		T(an_indirect_table_is_followed_in_its_order),
		T(wrong_indirect_tables_are_malformed),
		T(a_table_with_a_next_one_is_malformed_as_a_whole),
		T(bad_buffers_are_malformed_and_their_chain_is_left_behind),
		T(a_chain_without_an_end_breaks_the_ring),
		T(a_chain_as_long_as_the_ring_is_one),
		T(more_than_fits_is_capped_and_left_behind_whole),
		T(a_successor_goes_on_where_it_is_told),
		T(a_base_of_zero_is_told_by_the_ring),
		T(what_is_used_already_is_no_request),
		T(the_driver_s_flags_decide_on_signals),
		T(the_event_s_descriptor_decides_with_event_idx),
		T(kicks_are_asked_for_with_the_next_descriptor),
		T(wrong_places_are_refused),
		T(any_traffic_comes_out_as_it_went_in),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("virtq_packed", tests, NULL, NULL);
}
