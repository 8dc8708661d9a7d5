// SPDX-License-Identifier: GPL-2.0-or-later
/* Split virtqueue, in memory that the test fills by hand. */
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/front.h"
#include "tests/device/guest-memory/map.h"
#include "tests/device/virtqueue/virtq.h"
#include "tests/unit/front_rig.h"

#define NUM  8
#define W    VRING_DESC_F_WRITE
#define NEXT VRING_DESC_F_NEXT
#define IND  VRING_DESC_F_INDIRECT

struct fixture {
	struct front front;
	struct memmap *map;
	struct virtq vq;
	struct virtq_request req;
	struct virtq_place place;
};

static void start(struct fixture *f, uint16_t base)
{
	f->place.base = base;
	assert_int_equal(virtq_start(&f->vq, f->map, &f->place, NULL), 0);
}

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	if (front_init(&f.front, NUM) || !(f.map = rig_map(&f.front)))
		return -1;
	f.place = (struct virtq_place){ .desc = front_addr(FRONT_DESC),
					.avail = front_addr(FRONT_AVAIL),
					.used = front_addr(FRONT_USED),
					.num = NUM };
	start(&f, 0);
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

/* The next request is malformed, and is answered with length 0. */
static void assert_malformed(struct fixture *f)
{
	uint32_t id, len;

	assert_int_equal(virtq_peek(&f->vq, &f->req), 1);
	assert_non_null(f->req.fault);
	assert_int_equal(f->req.bytes, 0);
	assert_int_equal(f->req.segments, 0);
	virtq_done(&f->vq, &f->req, 0);
	virtq_publish(&f->vq);
	assert_true(front_answer(&f->front, &id, &len));
	assert_int_equal(id, f->req.head);
	assert_int_equal(len, 0);
}

static void assert_good(struct fixture *f, size_t bytes, unsigned int segments)
{
	assert_int_equal(virtq_peek(&f->vq, &f->req), 1);
	assert_null(f->req.fault);
	assert_int_equal(f->req.bytes, bytes);
	assert_int_equal(f->req.segments, segments);
}

static void an_empty_ring_has_no_request(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(virtq_peek(&f->vq, &f->req), 0);
	assert_false(virtq_publish(&f->vq));
}

static void one_descriptor_is_one_segment(void **state)
{
	struct fixture *f = *state;

	front_desc(&f->front, 3, FRONT_BUF, 64, W, 0);
	front_offer(&f->front, 3);
	assert_good(f, 64, 1);
	assert_int_equal(f->req.head, 3);
	/* another mapping of the same page: compare contents, not addresses */
	memcpy(f->req.segment[0].iov_base, "vrng", 4);
	assert_memory_equal(front_mem(&f->front, FRONT_BUF), "vrng", 4);
	/* peeking takes nothing */
	assert_good(f, 64, 1);
}

static void all_descriptors_of_a_chain_are_one_request(void **state)
{
	struct fixture *f = *state;

	front_desc(&f->front, 1, FRONT_BUF, 10, W | NEXT, 5);
	front_desc(&f->front, 5, FRONT_BUF + 100, 0, W | NEXT, 0);
	front_desc(&f->front, 0, FRONT_BUF + 200, 30, W, 7);
	front_offer(&f->front, 1);
	assert_good(f, 40, 2);
	assert_int_equal(f->req.segment[1].iov_len, 30);
}

static void a_buffer_may_span_two_regions(void **state)
{
	struct fixture *f = *state;

	front_desc(&f->front, 0, FRONT_GUEST1 - 16, 64, W, 0);
	front_offer(&f->front, 0);
	assert_good(f, 64, 2);
	memcpy(f->req.segment[1].iov_base, "vrng", 4);
	assert_memory_equal(front_mem(&f->front, FRONT_GUEST1), "vrng", 4);
}

static void put_indirect(struct fixture *f, uint64_t at, uint32_t i,
			 struct vring_desc d)
{
	d.addr = htole64(d.addr);
	d.len = htole32(d.len);
	d.flags = htole16(d.flags);
	d.next = htole16(d.next);
	memcpy((char *)front_mem(&f->front, at) + i * sizeof(d), &d, sizeof(d));
}

static void an_indirect_table_is_followed(void **state)
{
	struct fixture *f = *state;
	uint64_t table = FRONT_BUF + 0x1001; /* need not be aligned */

	put_indirect(f, table, 0,
		     (struct vring_desc){ FRONT_BUF, 8, W | NEXT, 2 });
	put_indirect(f, table, 2,
		     (struct vring_desc){ FRONT_BUF + 8, 8, W, 0 });
	front_desc(&f->front, 0, table, 48, IND, 0);
	front_offer(&f->front, 0);
	assert_good(f, 16, 2);
}

static void an_indirect_table_may_follow_a_direct_descriptor(void **state)
{
	struct fixture *f = *state;
	uint64_t table = FRONT_BUF + 0x1000;

	for (uint16_t i = 0; i < 16; i++)
		put_indirect(f, table, i,
			     (struct vring_desc){ FRONT_BUF, 1,
						  i < 15 ? W | NEXT : W,
						  (uint16_t)(i + 1) });
	front_desc(&f->front, 0, FRONT_BUF, 4, W | NEXT, 1);
	front_desc(&f->front, 1, table, 16 * 16, IND, 0);
	front_offer(&f->front, 0);
	assert_good(f, 20, 17);
}

static void invalid_indirect_tables_are_malformed(void **state)
{
	struct fixture *f = *state;
	uint64_t table = FRONT_BUF + 0x1000;
	const struct {
		uint64_t addr;
		uint32_t len;
		uint16_t flags;
	} bad[] = {
		{ table, 0, IND },
		{ table, 15, IND },
		{ table, 17, IND },
		{ table, (VIRTQ_INDIRECT + 1) * 16, IND },
		{ table, 0xfffffff0, IND },
		{ table, 16, IND | NEXT },
		{ FRONT_END - 8, 16, IND },
		{ FRONT_GUEST1 - 8, 16, IND },
		{ UINT64_MAX - 7, 32, IND },
		{ 0, 16, IND },
	};

	put_indirect(f, table, 0, (struct vring_desc){ FRONT_BUF, 8, W, 0 });
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		front_desc(&f->front, 2, bad[i].addr, bad[i].len, bad[i].flags,
			   0);
		front_offer(&f->front, 2);
		assert_malformed(f);
	}
	/* a table in a table; a next beyond the table; a loop in it */
	front_desc(&f->front, 2, table, 32, IND, 0);
	put_indirect(f, table, 0, (struct vring_desc){ table, 16, IND, 0 });
	front_offer(&f->front, 2);
	assert_malformed(f);
	put_indirect(f, table, 0,
		     (struct vring_desc){ FRONT_BUF, 8, W | NEXT, 2 });
	front_offer(&f->front, 2);
	assert_malformed(f);
	put_indirect(f, table, 0,
		     (struct vring_desc){ FRONT_BUF, 8, W | NEXT, 0 });
	front_offer(&f->front, 2);
	assert_malformed(f);
}

static void an_indirect_table_is_not_read_beyond_its_region(void **state)
{
	struct fixture *f = *state;
	struct vu_region w = front_region(0);
	/* it ends in the middle of a valid descriptor */
	struct memmap_region cut = { w.guest, FRONT_BUF - FRONT_GUEST0 + 8,
				     w.front, w.offset };

	memmap_clear(f->map);
	assert_int_equal(memmap_add(f->map, &cut, f->front.memfd, NULL), 0);
	start(f, 0);
	put_indirect(f, FRONT_BUF, 0,
		     (struct vring_desc){ FRONT_GUEST0 + 0xc000, 8, W, 0 });
	front_desc(&f->front, 0, FRONT_BUF, 16, IND, 0);
	front_offer(&f->front, 0);
	assert_malformed(f);
}

static void
an_indirect_table_does_not_wrap_around_the_address_space(void **state)
{
	struct fixture *f = *state;

	/* entry 1 would be at address 0, where there is memory */
	memmap_clear(f->map);
	struct vu_region w = front_region(0);
	struct memmap_region low = { 0, w.size, w.front, w.offset };
	struct memmap_region high = { UINT64_MAX - 0xfff, 0xfff, 0x1000, 0 };

	assert_int_equal(memmap_add(f->map, &low, f->front.memfd, NULL), 0);
	assert_int_equal(memmap_add(f->map, &high, f->front.memfd, NULL), 0);
	start(f, 0);
	front_desc(&f->front, 0, UINT64_MAX - 0x1f, 64, IND, 0);
	memcpy(f->front.file + 0xfe0,
	       &(struct vring_desc){ 0x10000, 8, W | NEXT, 2 },
	       sizeof(struct vring_desc));
	front_offer(&f->front, 0);
	assert_malformed(f);
}

static void loops_are_malformed(void **state)
{
	struct fixture *f = *state;

	front_desc(&f->front, 0, FRONT_BUF, 1, W | NEXT, 0);
	front_offer(&f->front, 0);
	assert_malformed(f);
	front_desc(&f->front, 1, FRONT_BUF, 0, W | NEXT, 2);
	front_desc(&f->front, 2, FRONT_BUF, 0, W | NEXT, 1);
	front_offer(&f->front, 1);
	assert_malformed(f);
}

static void a_chain_as_long_as_the_ring_is_valid(void **state)
{
	struct fixture *f = *state;

	for (uint16_t i = 0; i < NUM; i++)
		front_desc(&f->front, i, FRONT_BUF, 1,
			   i < NUM - 1 ? W | NEXT : W, (uint16_t)(i + 1));
	front_offer(&f->front, 0);
	assert_good(f, NUM, NUM);
}

static void a_next_out_of_range_is_malformed(void **state)
{
	struct fixture *f = *state;
	const uint16_t next[] = { NUM, NUM + 1, 0x7fff, 0xffff };

	/* valid descriptors behind the table must not be used */
	front_desc(&f->front, NUM, FRONT_BUF, 8, W, 0);
	front_desc(&f->front, NUM + 1, FRONT_BUF, 8, W, 0);
	for (size_t i = 0; i < 4; i++) {
		front_desc(&f->front, 0, FRONT_BUF, 1, W | NEXT, next[i]);
		front_offer(&f->front, 0);
		assert_malformed(f);
	}
}

static void a_device_readable_descriptor_is_malformed(void **state)
{
	struct fixture *f = *state;

	front_desc(&f->front, 0, FRONT_BUF, 16, 0, 0);
	front_offer(&f->front, 0);
	assert_malformed(f);
	front_desc(&f->front, 0, FRONT_BUF, 16, W | NEXT, 1);
	front_desc(&f->front, 1, FRONT_BUF, 16, 0, 0);
	front_offer(&f->front, 0);
	assert_malformed(f);
}

static void a_request_for_no_bytes_is_malformed(void **state)
{
	struct fixture *f = *state;

	front_desc(&f->front, 0, FRONT_BUF, 0, W, 0);
	front_offer(&f->front, 0);
	assert_malformed(f);
}

static void a_buffer_outside_guest_memory_is_malformed(void **state)
{
	struct fixture *f = *state;
	const struct {
		uint64_t addr;
		uint32_t len;
	} bad[] = {
		{ FRONT_GUEST0 - 1, 1 },
		{ FRONT_END, 1 },
		{ FRONT_END - 8, 9 },
		{ 0, 64 },
		{ UINT64_MAX, 2 },
		{ UINT64_MAX - 63, 64 },
		{ FRONT_FRONT0 + 0x10000, 8 },
		{ 1ULL << 63, 0xffffffff },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		front_desc(&f->front, 0, bad[i].addr, bad[i].len, W, 0);
		front_offer(&f->front, 0);
		assert_malformed(f);
	}
}

static void overlapping_descriptors_are_capped(void **state)
{
	struct fixture *f = *state;
	size_t sum = 0;

	for (uint16_t i = 0; i < NUM; i++)
		front_desc(&f->front, i, FRONT_BUF, 40000,
			   i < NUM - 1 ? W | NEXT : W, (uint16_t)(i + 1));
	front_offer(&f->front, 0);
	assert_good(f, VIRTQ_REQUEST_MAX, 2);
	for (unsigned int i = 0; i < f->req.segments; i++)
		sum += f->req.segment[i].iov_len;
	assert_int_equal(sum, VIRTQ_REQUEST_MAX);
}

static void many_small_descriptors_are_capped(void **state)
{
	struct fixture *f = *state;
	uint64_t table = FRONT_BUF + 0x1000;

	for (uint16_t i = 0; i < VIRTQ_INDIRECT; i++)
		put_indirect(f, table, i,
			     (struct vring_desc){ FRONT_BUF, 1, W | NEXT,
						  (uint16_t)(i + 1) });
	front_desc(&f->front, 0, table, VIRTQ_INDIRECT * 16, IND, 0);
	front_offer(&f->front, 0);
	assert_good(f, VIRTQ_SEGMENTS, VIRTQ_SEGMENTS);
}

static void an_index_that_jumps_breaks_the_ring(void **state)
{
	struct fixture *f = *state;

	front_desc(&f->front, 0, FRONT_BUF, 8, W, 0);
	front_avail(&f->front)->idx = htole16(NUM);
	assert_int_equal(virtq_peek(&f->vq, &f->req), 1);
	front_avail(&f->front)->idx = htole16(NUM + 1);
	assert_int_equal(virtq_peek(&f->vq, &f->req), -EPROTO);
	/* it stays broken until it is started again */
	front_avail(&f->front)->idx = htole16(1);
	assert_int_equal(virtq_peek(&f->vq, &f->req), -EPROTO);
	assert_non_null(f->vq.broken);
	start(f, 0);
	assert_int_equal(virtq_peek(&f->vq, &f->req), 1);
}

static void an_index_that_goes_back_breaks_the_ring(void **state)
{
	struct fixture *f = *state;

	front_begin_at(&f->front, 100);
	start(f, 100);
	front_avail(&f->front)->idx = htole16(99);
	assert_int_equal(virtq_peek(&f->vq, &f->req), -EPROTO);
}

static void a_head_out_of_range_breaks_the_ring(void **state)
{
	struct fixture *f = *state;

	front_offer(&f->front, NUM);
	assert_int_equal(virtq_peek(&f->vq, &f->req), -EPROTO);
}

static void indexes_wrap_at_sixteen_bits(void **state)
{
	struct fixture *f = *state;
	uint32_t id, len;

	front_begin_at(&f->front, 0xfffd);
	start(f, 0xfffd);
	for (uint32_t i = 0; i < 6; i++) {
		front_desc(&f->front, (uint16_t)i, FRONT_BUF, 8 + i, W, 0);
		front_offer(&f->front, (uint16_t)i);
	}
	for (uint32_t i = 0; i < 6; i++) {
		assert_good(f, 8 + i, 1);
		virtq_done(&f->vq, &f->req, 8 + i);
	}
	assert_int_equal(virtq_peek(&f->vq, &f->req), 0);
	/* no answer is visible before it is published */
	assert_false(front_answer(&f->front, &id, &len));
	virtq_publish(&f->vq);
	for (uint32_t i = 0; i < 6; i++) {
		assert_true(front_answer(&f->front, &id, &len));
		assert_int_equal(id, i);
		assert_int_equal(len, 8 + i);
	}
	assert_false(front_answer(&f->front, &id, &len));
	assert_int_equal(virtq_base(&f->vq), 3);
}

/* Answer one request. Returns whether the driver wants a signal. */
static bool answer_one(struct fixture *f)
{
	front_desc(&f->front, 0, FRONT_BUF, 8, W, 0);
	front_offer(&f->front, 0);
	assert_int_equal(virtq_peek(&f->vq, &f->req), 1);
	virtq_done(&f->vq, &f->req, 8);
	return virtq_publish(&f->vq);
}

static void flags_suppress_signals_without_event_idx(void **state)
{
	struct fixture *f = *state;

	assert_true(answer_one(f));
	assert_true(answer_one(f));
	front_avail(&f->front)->flags = htole16(VRING_AVAIL_F_NO_INTERRUPT);
	assert_false(answer_one(f));
}

static void used_event_decides_with_event_idx(void **state)
{
	struct fixture *f = *state;

	f->place.event_idx = true;
	front_begin_at(&f->front, 0xfffe);
	start(f, 0xfffe);
	front_avail(&f->front)->flags = htole16(VRING_AVAIL_F_NO_INTERRUPT);
	/* no earlier index is known: the first is always signalled */
	front_set_used_event(&f->front, 0x8000);
	assert_true(answer_one(f));
	assert_false(answer_one(f)); /* index is 0 now */
	front_set_used_event(&f->front, 0);
	assert_true(answer_one(f)); /* 1 is past event 0 */
	assert_false(answer_one(f));
	front_set_used_event(&f->front, 3);
	assert_false(answer_one(f)); /* 3 is not past event 3 */
	assert_true(answer_one(f));
}

static void used_event_0xffff_signals_when_the_index_wraps(void **state)
{
	struct fixture *f = *state;

	f->place.event_idx = true;
	front_begin_at(&f->front, 0xfffd);
	start(f, 0xfffd);
	front_set_used_event(&f->front, 0xffff);
	assert_true(answer_one(f)); /* the first */
	assert_false(answer_one(f)); /* index is 0xffff */
	assert_true(answer_one(f)); /* index is 0: past 0xffff */
	assert_false(answer_one(f));
}

static void avail_event_asks_for_kicks(void **state)
{
	struct fixture *f = *state;

	/* even though EVENT_IDX was not negotiated */
	assert_false(virtq_rearm(&f->vq));
	assert_int_equal(front_avail_event(&f->front), 0);
	answer_one(f);
	assert_int_equal(front_avail_event(&f->front), 0);
	assert_false(virtq_rearm(&f->vq));
	assert_int_equal(front_avail_event(&f->front), 1);
	/* a request that is there already is reported: no kick will come */
	front_offer(&f->front, 0);
	assert_true(virtq_rearm(&f->vq));
}

static void a_started_ring_continues_behind_the_last_answer(void **state)
{
	struct fixture *f = *state;

	/* an earlier device took two requests and answered neither */
	front_desc(&f->front, 0, FRONT_BUF, 8, W, 0);
	front_begin_at(&f->front, 10);
	front_offer(&f->front, 0);
	front_offer(&f->front, 0);
	start(f, 12);
	assert_int_equal(virtq_peek(&f->vq, &f->req), 1);
	assert_int_equal(virtq_base(&f->vq), 10);
	/* a base far from the used index is used as it is */
	front_begin_at(&f->front, 0);
	front_avail(&f->front)->idx = htole16(1001);
	start(f, 1000);
	assert_int_equal(virtq_peek(&f->vq, &f->req), 1);
	assert_int_equal(virtq_base(&f->vq), 1000);
}

static void invalid_places_are_refused(void **state)
{
	struct fixture *f = *state;
	struct vrng_error error;
	const struct virtq_place good = f->place;
	struct virtq_place bad[] = { good, good, good, good, good,
				     good, good, good, good };
	const int n = sizeof(bad) / sizeof(bad[0]);

	bad[0].num = 0;
	bad[1].num = 7;
	bad[2].num = 65536;
	bad[3].desc += 8; /* not aligned to 16 */
	bad[4].avail += 1;
	bad[5].used += 2;
	bad[6].desc = FRONT_DESC; /* the guest's address */
	bad[7].used = FRONT_FRONT0 + FRONT_REGION - 64;
	bad[8].avail = UINT64_MAX - 1;
	for (int i = 0; i < n; i++) {
		error.text[0] = '\0';
		if (!virtq_start(&f->vq, f->map, &bad[i], &error))
			fail_msg("place %d was accepted", i);
		assert_true(error.text[0]);
	}
}

static void a_ring_may_end_with_its_region(void **state)
{
	struct fixture *f = *state;
	const size_t used = 6 + 8 * NUM;

	f->place.used = (FRONT_FRONT0 + FRONT_REGION - used) & ~3ULL;
	assert_int_equal(virtq_start(&f->vq, f->map, &f->place, NULL), 0);
	f->place.used += 4;
	assert_int_equal(virtq_start(&f->vq, f->map, &f->place, NULL), -EFAULT);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_empty_ring_has_no_request),
		T(one_descriptor_is_one_segment),
		T(all_descriptors_of_a_chain_are_one_request),
		T(a_buffer_may_span_two_regions),
		T(an_indirect_table_is_followed),
		T(an_indirect_table_may_follow_a_direct_descriptor),
		T(invalid_indirect_tables_are_malformed),
		T(an_indirect_table_is_not_read_beyond_its_region),
		T(an_indirect_table_does_not_wrap_around_the_address_space),
		T(loops_are_malformed),
		T(a_chain_as_long_as_the_ring_is_valid),
		T(a_next_out_of_range_is_malformed),
		T(a_device_readable_descriptor_is_malformed),
		T(a_request_for_no_bytes_is_malformed),
		T(a_buffer_outside_guest_memory_is_malformed),
		T(overlapping_descriptors_are_capped),
		T(many_small_descriptors_are_capped),
		T(an_index_that_jumps_breaks_the_ring),
		T(an_index_that_goes_back_breaks_the_ring),
		T(a_head_out_of_range_breaks_the_ring),
		T(indexes_wrap_at_sixteen_bits),
		T(flags_suppress_signals_without_event_idx),
		T(used_event_decides_with_event_idx),
		T(used_event_0xffff_signals_when_the_index_wraps),
		T(avail_event_asks_for_kicks),
		T(a_started_ring_continues_behind_the_last_answer),
		T(invalid_places_are_refused),
		T(a_ring_may_end_with_its_region),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("virtq", tests, NULL, NULL);
}
