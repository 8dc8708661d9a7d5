// SPDX-License-Identifier: GPL-2.0-or-later
/* Packed virtqueue, in memory that the test fills by hand. */
#include "tests/unit/packed_rig.h"

static void an_empty_ring_has_no_request(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(virtq_peek(&f->vq, &f->req), 0);
	assert_false(virtq_publish(&f->vq));
	assert_false(virtq_rearm(&f->vq));
}

static void
all_descriptors_of_a_chain_are_one_request_with_the_last_id(void **state)
{
	struct fixture *f = *state;

	offer_chain(f, 5, 3, 16);
	assert_good(f, 48, 3);
	assert_int_equal(f->req.head, 5);
	assert_int_equal(f->req.count, 3);
	memcpy(f->req.segment[2].iov_base, "vrng", 4);
	assert_memory_equal(front_mem(&f->front, FRONT_BUF + 32), "vrng", 4);
	/* peeking does not take the request */
	assert_good(f, 48, 3);
	virtq_done(&f->vq, &f->req, 48);
	assert_no_answer(f);
	virtq_publish(&f->vq);
	assert_answer(f, 5, 48);
}

static void a_used_descriptor_is_not_available_in_the_next_lap(void **state)
{
	struct fixture *f = *state;

	for (int lap = 0; lap < 3; lap++) {
		for (uint16_t i = 0; i < NUM; i++)
			offer_chain(f, i, 1, 8);
		for (uint16_t i = 0; i < NUM; i++) {
			assert_good(f, 8, 1);
			virtq_done(&f->vq, &f->req, 8);
		}
		/* all were of one lap; none is available in the next */
		assert_int_equal(virtq_peek(&f->vq, &f->req), 0);
		virtq_publish(&f->vq);
		assert_int_equal(virtq_peek(&f->vq, &f->req), 0);
		for (uint16_t i = 0; i < NUM; i++)
			assert_answer(f, i, 8);
		assert_no_answer(f);
	}
}

static void a_batch_becomes_visible_all_at_once(void **state)
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

static void an_indirect_table_is_read_in_order(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < 5; i++) /* NEXT is ignored there */
		put_table(f, i, FRONT_BUF + i * 16, 16,
			  (uint16_t)(i == 1 ? W : W | NEXT));
	offer_one(f, TABLE, 5 * 16, 3, IND);
	assert_good(f, 80, 5);
	assert_int_equal(f->req.count, 1);
	virtq_done(&f->vq, &f->req, 80);
	virtq_publish(&f->vq);
	assert_answer(f, 3, 80);
}

static void invalid_indirect_tables_are_malformed(void **state)
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
	put_table(f, 1, FRONT_BUF, 8, 0); /* device-readable */
	offer_one(f, TABLE, 32, 2, IND);
	assert_malformed(f, 2);
	put_table(f, 1, 0, 8, W); /* outside memory */
	offer_one(f, TABLE, 32, 2, IND);
	assert_malformed(f, 2);
	/* the ring goes on */
	offer_chain(f, 4, 1, 8);
	assert_good(f, 8, 1);
}

static void a_chain_with_an_indirect_table_is_malformed_as_a_whole(void **state)
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
a_chain_with_an_invalid_buffer_is_malformed_and_skipped(void **state)
{
	struct fixture *f = *state;

	offer_one(f, FRONT_BUF, 16, 1, 0); /* device-readable */
	assert_malformed(f, 1);
	offer_one(f, FRONT_END, 16, 1, W); /* outside memory */
	assert_malformed(f, 1);
	offer_one(f, FRONT_BUF, 0, 1, W); /* no bytes */
	assert_malformed(f, 1);
	offer_chain(f, 2, 3, 16);
	ring(f)[3].addr = htole64(UINT64_MAX - 3); /* its first buffer */
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

static void a_chain_as_long_as_the_ring_is_valid(void **state)
{
	struct fixture *f = *state;

	offer_chain(f, 1, 2, 8);
	assert_good(f, 16, 2);
	virtq_done(&f->vq, &f->req, 16);
	virtq_publish(&f->vq);
	assert_answer(f, 1, 16);
	/* across the end of the ring */
	offer_chain(f, 6, NUM, 8);
	assert_good(f, 8 * NUM, NUM);
	virtq_done(&f->vq, &f->req, 8 * NUM);
	virtq_publish(&f->vq);
	assert_answer(f, 6, 8 * NUM);
}

static void
a_chain_above_the_limit_is_capped_and_skipped_as_a_whole(void **state)
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

static void the_next_device_continues_at_the_base(void **state)
{
	struct fixture *f = *state;
	uint32_t base;

	for (int i = 0; i < 30; i++) {
		uint16_t n = (uint16_t)(1 + i % 3);

		offer_chain(f, 2, n, 8);
		assert_int_equal(virtq_peek(&f->vq, &f->req), 1);
		virtq_done(&f->vq, &f->req, 8);
		/* the next device answers what was not published */
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

/* UML sends 0 for a new ring; otherwise 0 means the second lap. */
static void a_base_of_zero_depends_on_the_ring(void **state)
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

static void a_used_descriptor_is_no_request(void **state)
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

/* ---- signals and kicks ---- */

static void the_flags_of_the_driver_decide_on_signals(void **state)
{
	struct fixture *f = *state;

	assert_true(answer_one(f));
	event(f, DRIVER_EVENT)->flags = htole16(1); /* DISABLE */
	assert_false(answer_one(f));
	event(f, DRIVER_EVENT)->flags = 0;
	assert_true(answer_one(f));
	/* DESC without EVENT_IDX is invalid: signal */
	event(f, DRIVER_EVENT)->flags = htole16(2);
	event(f, DRIVER_EVENT)->off_wrap = htole16(0x1234);
	assert_true(answer_one(f));
}

static void with_event_idx_the_descriptor_of_the_event_decides(void **state)
{
	struct fixture *f = *state;

	f->place.event_idx = true;
	start_at(f, NUM, VIRTQ_PACKED_BASE);
	set_event(f, 0, false);
	assert_true(answer_one(f)); /* the first is always signalled */
	set_event(f, 3, true);
	assert_false(answer_one(f)); /* 1 */
	assert_false(answer_one(f)); /* 2 */
	assert_true(answer_one(f)); /* 3 */
	assert_false(answer_one(f)); /* 4 */
	set_event(f, 0, false); /* of the next lap */
	assert_false(answer_one(f)); /* 5 */
	assert_false(answer_one(f)); /* 6 */
	assert_true(answer_one(f)); /* 0 */
	set_event(f, 1, true); /* used in the lap before */
	assert_false(answer_one(f)); /* 1 */
	set_event(f, NUM, true); /* no such descriptor: signal */
	assert_true(answer_one(f));
}

static void rearm_asks_for_a_kick_with_the_next_descriptor(void **state)
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
	/* a request that is there already is reported: no kick will come */
	offer_chain(f, 1, 1, 8);
	assert_true(virtq_rearm(&f->vq));
}

static void invalid_places_are_refused(void **state)
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

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_empty_ring_has_no_request),
		T(all_descriptors_of_a_chain_are_one_request_with_the_last_id),
		T(a_used_descriptor_is_not_available_in_the_next_lap),
		T(a_batch_becomes_visible_all_at_once),
		T(an_indirect_table_is_read_in_order),
		T(invalid_indirect_tables_are_malformed),
		T(a_chain_with_an_indirect_table_is_malformed_as_a_whole),
		T(a_chain_with_an_invalid_buffer_is_malformed_and_skipped),
		T(a_chain_without_an_end_breaks_the_ring),
		T(a_chain_as_long_as_the_ring_is_valid),
		T(a_chain_above_the_limit_is_capped_and_skipped_as_a_whole),
		T(the_next_device_continues_at_the_base),
		T(a_base_of_zero_depends_on_the_ring),
		T(a_used_descriptor_is_no_request),
		T(the_flags_of_the_driver_decide_on_signals),
		T(with_event_idx_the_descriptor_of_the_event_decides),
		T(rearm_asks_for_a_kick_with_the_next_descriptor),
		T(invalid_places_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("virtq_packed", tests, NULL, NULL);
}
