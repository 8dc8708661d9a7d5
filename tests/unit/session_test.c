// SPDX-License-Identifier: GPL-2.0-or-later
/* Vhost-user session: a front end driven by hand, and a stub device. */
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include "tests/device/guest-memory/map.h"
#include "tests/unit/machine.h"
#include "tests/unit/protocol_rig.h"
#include "tests/unit/within.h"

/* ---- features ---- */

static void the_offered_features_are_those_served(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(get_u64(f, VU_GET_FEATURES),
			 BIT(35) | BIT(34) | BIT(32) | BIT(30) | BIT(29) |
				 BIT(28) | BIT(26));
	assert_int_equal(get_u64(f, VU_GET_PROTOCOL_FEATURES),
			 BIT(0) | BIT(1) | BIT(3) | BIT(5) | BIT(13) | BIT(15));
	assert_int_equal(get_u64(f, VU_GET_QUEUE_NUM), 1);
	assert_int_equal(get_u64(f, VU_GET_MAX_MEM_SLOTS), MEMMAP_REGIONS);
}

static void access_platform_is_offered_on_request(void **state)
{
	struct fixture *f = *state;

	disconnect_front(f);
	connect_front(f, SESSION_ACCESS_PLATFORM);
	assert_true(get_u64(f, VU_GET_FEATURES) & BIT(33));
	/* without an IOMMU, addresses are as without the feature */
	start_ring(f, FRONT_FEATURES | BIT(33));
	assert_non_null(f->vq);
}

static void a_device_that_errs_does_not_promise_order(void **state)
{
	struct fixture *f = *state;

	disconnect_front(f);
	connect_front(f, SESSION_OUT_OF_ORDER);
	assert_false(get_u64(f, VU_GET_FEATURES) & BIT(35));
}

static void a_ring_behind_an_iommu_is_refused_with_the_reason(void **state)
{
	struct fixture *f = *state;
	struct vu_state on = { 0, 1 };
	/* as QEMU gives them behind an IOMMU: the guest's I/O addresses */
	struct vu_addr addr = { .desc = 0xfffff000,
				.avail = 0xffffe000,
				.used = 0xffffd000 };

	front_send_ring(&f->front, FRONT_FEATURES | BIT(33), 0);
	assert_int_equal(take(f), 0);
	assert_int_equal(acked(f, VU_SET_VRING_ADDR, &addr, 40, NULL, 0), 0);
	assert_int_equal(acked(f, VU_SET_VRING_ENABLE, &on, 8, NULL, 0), 1);
	assert_null(f->vq);
	assert_non_null(strstr(f->last, "IOMMU"));
}

static void an_iotlb_message_is_refused_with_the_reason(void **state)
{
	struct fixture *f = *state;
	struct vu_iotlb update = {
		0xfffff000, 0x1000, FRONT_FRONT0, 3, 2, { 0 }
	};

	start_ring(f, FRONT_FEATURES | BIT(33));
	assert_int_equal(
		acked(f, VU_IOTLB_MSG, &update, sizeof(update), NULL, 0), 1);
	assert_non_null(strstr(f->last, "IOTLB_MSG"));
	assert_non_null(strstr(f->last, "IOMMU"));
	assert_non_null(f->vq);
}

static void a_resumable_session_offers_no_memory_slots(void **state)
{
	struct fixture *f = *state;
	uint64_t slots = BIT(VU_PROTOCOL_MEM_SLOTS);

	disconnect_front(f);
	connect_front(f, SESSION_RESUMABLE);
	assert_int_equal(get_u64(f, VU_GET_PROTOCOL_FEATURES),
			 BIT(0) | BIT(1) | BIT(3) | BIT(5) | BIT(13));
	assert_int_equal(acked(f, VU_SET_PROTOCOL_FEATURES, &slots, 8, NULL, 0),
			 1);
}

static void a_request_with_a_reply_is_not_acknowledged_too(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(acked(f, VU_GET_QUEUE_NUM, NULL, 0, NULL, 0), 1);
}

static void need_reply_is_answered_even_if_not_negotiated(void **state)
{
	struct fixture *f = *state;
	uint64_t protocol = BIT(VU_PROTOCOL_REPLY_ACK);

	assert_int_equal(
		acked(f, VU_SET_PROTOCOL_FEATURES, &protocol, 8, NULL, 0), 0);
	assert_int_equal(acked(f, VU_SET_OWNER, NULL, 0, NULL, 0), 0);
}

static void features_that_qemu_adds_are_ignored(void **state)
{
	struct fixture *f = *state;
	uint64_t features = FRONT_FEATURES | BIT(24) | BIT(27) | BIT(33);

	assert_int_equal(acked(f, VU_SET_FEATURES, &features, 8, NULL, 0), 0);
}

static void a_resumable_session_refuses_packed_rings(void **state)
{
	struct fixture *f = *state;
	uint64_t features = BIT(34) | BIT(32);

	assert_int_equal(acked(f, VU_SET_FEATURES, &features, 8, NULL, 0), 0);
	disconnect_front(f);
	connect_front(f, SESSION_RESUMABLE);
	assert_false(get_u64(f, VU_GET_FEATURES) & BIT(34));
	assert_int_equal(acked(f, VU_SET_FEATURES, &features, 8, NULL, 0), 1);
}

static void a_packed_ring_begins_in_its_first_lap_or_at_its_base(void **state)
{
	struct fixture *f = *state;

	/* no base is sent */
	front_send_u64(&f->front, VU_SET_FEATURES, FRONT_FEATURES | BIT(34));
	front_send_mem_table(&f->front);
	front_send_state(&f->front, VU_SET_VRING_NUM, 0, 12); /* not 2^n */
	front_send_addr(&f->front);
	front_send_fd(&f->front, VU_SET_VRING_KICK, f->front.kick);
	front_send_state(&f->front, VU_SET_VRING_ENABLE, 0, 1);
	assert_int_equal(take(f), 0);
	assert_non_null(f->vq);
	assert_int_equal(base_of(f), 0x80008000);
	front_send_state(&f->front, VU_SET_VRING_BASE, 0, 0x00050005);
	front_send_fd(&f->front, VU_SET_VRING_KICK, f->front.kick);
	assert_int_equal(take(f), 0);
	assert_non_null(f->vq);
	assert_int_equal(base_of(f), 0x00050005);
	/* beyond the end of the ring */
	front_send_state(&f->front, VU_SET_VRING_BASE, 0, 0x000c000c);
	front_send_fd(&f->front, VU_SET_VRING_KICK, f->front.kick);
	assert_int_equal(take(f), -EPROTO);
}

static void protocol_features_not_offered_are_refused(void **state)
{
	struct fixture *f = *state;
	uint64_t protocol = BIT(9);

	assert_int_equal(
		acked(f, VU_SET_PROTOCOL_FEATURES, &protocol, 8, NULL, 0), 1);
}

/* ---- invalid messages ---- */

static void
an_unknown_request_fails_and_its_descriptors_are_closed(void **state)
{
	struct fixture *f = *state;
	int fds[] = { f->front.memfd, f->front.kick };

	assert_int_equal(acked(f, 200, "12345678", 8, fds, 2), 1);
	assert_int_equal(acked(f, UINT32_MAX, NULL, 0, fds, 1), 1);
	assert_int_equal(acked(f, 0, NULL, 0, NULL, 0), 1);
	assert_int_equal(acked(f, 7, NULL, 0, NULL, 0), 1);
	assert_int_equal(get_u64(f, VU_GET_QUEUE_NUM), 1);
}

static void an_unknown_request_without_need_reply_ends_the_session(void **state)
{
	struct fixture *f = *state;

	front_send(&f->front, 200, VU_VERSION, NULL, 0, &f->front.memfd, 1);
	assert_int_equal(take(f), -EPROTO);
}

static void invalid_headers_end_the_session(void **state)
{
	struct fixture *f = *state;
	static const uint32_t flags[] = { 0, 2, 3, REPLY, 0xfffffff0 };

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		front_send(&f->front, VU_SET_OWNER, flags[i], NULL, 0, NULL, 0);
		assert_int_equal(take(f), -EPROTO);
	}
}

static void an_oversized_payload_is_not_read(void **state)
{
	struct fixture *f = *state;
	struct vu_header header = { VU_SET_OWNER, ACKED, 0 };
	const uint32_t sizes[] = { sizeof(union vu_payload) + 1, 0x10000,
				   UINT32_MAX };

	for (int i = 0; i < 3; i++) {
		header.size = sizes[i];
		assert_int_equal(write(f->front.sock, &header, sizeof(header)),
				 sizeof(header));
		assert_int_equal(take(f), -EPROTO);
	}
}

static void invalid_sizes_are_refused(void **state)
{
	struct fixture *f = *state;
	static const char zeros[sizeof(union vu_payload)];
	static const struct {
		uint32_t request;
		size_t size;
	} bad[] = {
		{ VU_SET_OWNER, 8 },	    { VU_SET_FEATURES, 0 },
		{ VU_SET_FEATURES, 7 },	    { VU_SET_FEATURES, 9 },
		{ VU_SET_MEM_TABLE, 7 },    { VU_SET_VRING_NUM, 4 },
		{ VU_SET_VRING_ADDR, 39 },  { VU_SET_VRING_ADDR, 41 },
		{ VU_SET_VRING_BASE, 16 },  { VU_SET_VRING_CALL, 4 },
		{ VU_SET_VRING_ENABLE, 0 }, { VU_ADD_MEM_REG, 32 },
		{ VU_REM_MEM_REG, 48 },	    { VU_RESET_DEVICE, 8 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (acked(f, bad[i].request, zeros, bad[i].size, NULL, 0) != 1)
			fail_msg("request %u, size %zu", bad[i].request,
				 bad[i].size);
}

static void
wrong_numbers_of_descriptors_are_refused_without_a_leak(void **state)
{
	struct fixture *f = *state;
	static const char zeros[sizeof(union vu_payload)];
	int fds[8];

	for (int i = 0; i < 8; i++)
		fds[i] = f->front.memfd;
	assert_int_equal(acked(f, VU_SET_OWNER, NULL, 0, fds, 1), 1);
	assert_int_equal(acked(f, VU_SET_VRING_KICK, zeros, 8, fds, 2), 1);
	assert_int_equal(acked(f, VU_SET_VRING_KICK, zeros, 8, NULL, 0), 1);
	assert_int_equal(acked(f, VU_SET_VRING_CALL, zeros, 8, fds, 8), 1);
	assert_int_equal(acked(f, VU_ADD_MEM_REG, zeros, 40, NULL, 0), 1);
	assert_int_equal(acked(f, VU_ADD_MEM_REG, zeros, 40, fds, 2), 1);
	/* NOFD is set, but there is a descriptor */
	assert_int_equal(acked(f, VU_SET_VRING_CALL,
			       &(uint64_t){ VU_VRING_NOFD }, 8, fds, 1),
			 1);
}

static void too_many_descriptors_end_the_session_without_a_leak(void **state)
{
	struct fixture *f = *state;
	int fds[9];

	if (!machine_closes_surplus())
		LEAVE_OUT("surplus descriptors of a message stay open");
	for (int i = 0; i < 9; i++)
		fds[i] = f->front.memfd;
	front_send(&f->front, VU_SET_OWNER, VU_VERSION, NULL, 0, fds, 9);
	assert_int_equal(take(f), -EPROTO);
}

static void a_message_in_pieces_is_assembled(void **state)
{
	struct fixture *f = *state;
	struct vu_header header = { VU_GET_QUEUE_NUM, VU_VERSION, 0 };

	for (size_t i = 0; i < sizeof(header); i++) {
		assert_no_reply(f);
		assert_int_equal(write(f->front.sock, (char *)&header + i, 1),
				 1);
		assert_int_equal(take(f), 0);
	}
	assert_int_equal(reply_u64(f, VU_GET_QUEUE_NUM), 1);
}

static void
a_front_end_that_closes_mid_message_leaves_no_descriptor(void **state)
{
	struct fixture *f = *state;

	/* the descriptor comes with the first part; the rest never comes */
	assert_int_equal(front_send_part(&f->front, VU_SET_VRING_KICK, 8,
					 f->front.kick),
			 0);
	assert_int_equal(take(f), 0);
	shutdown(f->front.sock, SHUT_WR);
	assert_int_equal(take(f), -ECONNRESET);
}

static void a_front_end_that_never_reads_is_given_up(void **state)
{
	struct fixture *f = *state;
	int err = 0, small = 1;

	setsockopt(f->front.sock, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	for (int i = 0; i < 100000 && !err; i++) {
		front_send(&f->front, VU_GET_FEATURES, VU_VERSION, NULL, 0,
			   NULL, 0);
		err = take(f);
	}
	assert_int_equal(err, -EPROTO);
}

static void the_end_of_the_front_end_is_no_error(void **state)
{
	struct fixture *f = *state;

	shutdown(f->front.sock, SHUT_WR);
	assert_int_equal(take(f), -ECONNRESET);
}

static void logged_refusals_are_limited(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 100; i++)
		acked(f, 200, NULL, 0, NULL, 0);
	assert_within(f->said, 1, 10);
}

/* ---- memory ---- */

static void a_padded_memory_table_is_accepted(void **state)
{
	struct fixture *f = *state;
	struct vu_mem_table table = { .n = 1, .region = { front_region(0) } };

	/* as UML sends it: one region, with space for two */
	assert_int_equal(
		acked(f, VU_SET_MEM_TABLE, &table, 72, &f->front.memfd, 1), 0);
}

static void invalid_memory_tables_are_refused(void **state)
{
	struct fixture *f = *state;
	struct vu_mem_table table = { .n = 1, .region = { front_region(0) } };
	int fds[] = { f->front.memfd, f->front.memfd };

	/*
	 * More regions than the message has space for. A valid second region
	 * is left over in the buffer from the message before.
	 */
	table.n = 2;
	table.region[1] = front_region(1);
	assert_int_equal(acked(f, VU_SET_MEM_TABLE, &table, 72, fds, 2), 0);
	assert_int_equal(acked(f, VU_SET_MEM_TABLE, &table, 40, fds, 2), 1);
	assert_int_equal(acked(f, VU_SET_MEM_TABLE, &table, 72, fds, 1), 1);
	table.n = VU_REGIONS + 1;
	assert_int_equal(
		acked(f, VU_SET_MEM_TABLE, &table, sizeof(table), fds, 2), 1);
	table.n = UINT32_MAX;
	assert_int_equal(
		acked(f, VU_SET_MEM_TABLE, &table, sizeof(table), fds, 2), 1);
	/* more descriptors than regions */
	table.n = 1;
	assert_int_equal(acked(f, VU_SET_MEM_TABLE, &table, 72, fds, 2), 1);
	/* beyond the end of the file */
	table.region[0].size = FRONT_FILE;
	assert_int_equal(acked(f, VU_SET_MEM_TABLE, &table, 40, fds, 1), 1);
}

static void regions_are_added_and_removed_one_by_one(void **state)
{
	struct fixture *f = *state;
	struct vu_mem_reg reg = { .region = front_region(0) };

	assert_int_equal(acked(f, VU_ADD_MEM_REG, &reg, sizeof(reg),
			       &f->front.memfd, 1),
			 0);
	assert_int_equal(acked(f, VU_ADD_MEM_REG, &reg, sizeof(reg),
			       &f->front.memfd, 1),
			 1);
	/* some front ends send the descriptor here, too */
	assert_int_equal(acked(f, VU_REM_MEM_REG, &reg, sizeof(reg),
			       &f->front.memfd, 1),
			 0);
	assert_int_equal(acked(f, VU_REM_MEM_REG, &reg, sizeof(reg), NULL, 0),
			 1);
}

/* ---- the ring ---- */

static void a_ring_waits_for_enable(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(front_send_ring(&f->front, FRONT_FEATURES, 0), 0);
	assert_int_equal(front_kick(&f->front), 0);
	assert_int_equal(take(f), 0);
	assert_null(f->vq);
	front_send_state(&f->front, VU_SET_VRING_ENABLE, 0, 1);
	assert_int_equal(take(f), 0);
	assert_non_null(f->vq);
	assert_int_equal(f->vq->num, NUM);
	assert_false(f->vq->event_idx);
}

static void without_bit_30_no_enable_is_needed(void **state)
{
	struct fixture *f = *state;

	start_ring(f, FRONT_FEATURES & ~BIT(VU_F_PROTOCOL));
	assert_non_null(f->vq);
}

static void event_idx_is_taken_from_the_features(void **state)
{
	struct fixture *f = *state;

	start_ring(f, FRONT_FEATURES | FRONT_EVENT_IDX);
	assert_true(f->vq->event_idx);
}

static void disable_stops_before_it_is_acked(void **state)
{
	struct fixture *f = *state;
	struct vu_state off = { 0, 0 };

	start_ring(f, FRONT_FEATURES);
	assert_int_equal(acked(f, VU_SET_VRING_ENABLE, &off, 8, NULL, 0), 0);
	assert_null(f->vq);
	assert_int_equal(f->stops, 1);
}

static void get_vring_base_replies_and_stops(void **state)
{
	struct fixture *f = *state;
	struct vu_message msg;

	front_begin_at(&f->front, 0xfff0);
	assert_int_equal(front_send_ring(&f->front, FRONT_FEATURES, 0xfff0), 0);
	front_send_state(&f->front, VU_SET_VRING_ENABLE, 0, 1);
	assert_int_equal(take(f), 0);
	assert_non_null(f->vq);
	front_send_state(&f->front, VU_GET_VRING_BASE, 0, 0);
	assert_int_equal(take(f), 0);
	assert_null(f->vq);
	assert_int_equal(front_reply(&f->front, &msg), 8);
	assert_int_equal(msg.header.flags, REPLY);
	assert_int_equal(msg.payload.state.index, 0);
	assert_int_equal(msg.payload.state.num, 0xfff0);
	/* it is still enabled, but needs a new kick descriptor */
	front_send_state(&f->front, VU_SET_VRING_ENABLE, 0, 1);
	assert_int_equal(take(f), 0);
	assert_null(f->vq);
	front_send_fd(&f->front, VU_SET_VRING_KICK, f->front.kick);
	assert_int_equal(take(f), 0);
	assert_non_null(f->vq);
}

static void rings_other_than_the_first_are_refused(void **state)
{
	struct fixture *f = *state;
	struct vu_state one = { 1, 1 };
	struct vu_addr addr = { .index = UINT32_MAX };
	uint64_t fd_ring = 0xff;

	assert_int_equal(acked(f, VU_SET_VRING_NUM, &one, 8, NULL, 0), 1);
	assert_int_equal(acked(f, VU_SET_VRING_BASE, &one, 8, NULL, 0), 1);
	assert_int_equal(acked(f, VU_SET_VRING_ENABLE, &one, 8, NULL, 0), 1);
	assert_int_equal(acked(f, VU_SET_VRING_ADDR, &addr, 40, NULL, 0), 1);
	assert_int_equal(
		acked(f, VU_SET_VRING_CALL, &fd_ring, 8, &f->front.call, 1), 1);
	front_send_state(&f->front, VU_GET_VRING_BASE, 1, 0);
	assert_int_equal(take(f), -EPROTO);
}

static void invalid_ring_sizes_and_bases_are_refused(void **state)
{
	struct fixture *f = *state;
	struct vu_state state0 = { 0, 0 };

	assert_int_equal(acked(f, VU_SET_VRING_NUM, &state0, 8, NULL, 0), 1);
	state0.num = 65536;
	assert_int_equal(acked(f, VU_SET_VRING_NUM, &state0, 8, NULL, 0), 1);
	assert_int_equal(acked(f, VU_SET_VRING_BASE, &state0, 8, NULL, 0), 1);
	state0.num = 2;
	assert_int_equal(acked(f, VU_SET_VRING_ENABLE, &state0, 8, NULL, 0), 1);
}

static void ring_addresses_are_the_front_ends(void **state)
{
	struct fixture *f = *state;
	struct vu_state on = { 0, 1 };
	/* guest addresses: in memory, but wrong here */
	struct vu_addr addr = { .desc = FRONT_DESC,
				.avail = FRONT_AVAIL,
				.used = FRONT_USED };

	assert_int_equal(front_send_ring(&f->front, FRONT_FEATURES, 0), 0);
	assert_int_equal(take(f), 0);
	assert_int_equal(acked(f, VU_SET_VRING_ADDR, &addr, 40, NULL, 0), 0);
	assert_int_equal(acked(f, VU_SET_VRING_ENABLE, &on, 8, NULL, 0), 1);
	assert_null(f->vq);
	front_send_addr(&f->front);
	assert_int_equal(take(f), 0);
	assert_non_null(f->vq);
}

static void a_kick_descriptor_that_cannot_be_watched_is_refused(void **state)
{
	struct fixture *f = *state;
	struct vu_state on = { 0, 1 };

	assert_int_equal(front_send_ring(&f->front, FRONT_FEATURES, 0), 0);
	assert_int_equal(take(f), 0);
	f->start_error = -EPERM;
	assert_int_equal(acked(f, VU_SET_VRING_ENABLE, &on, 8, NULL, 0), 1);
	assert_int_equal(f->stops, 0);
}

static void a_change_of_memory_restarts_the_ring(void **state)
{
	struct fixture *f = *state;

	start_ring(f, FRONT_FEATURES);
	assert_int_equal(front_send_mem_table(&f->front), 0);
	assert_int_equal(take(f), 0);
	assert_int_equal(f->stops, 1);
	assert_int_equal(f->starts, 2);
}

static void removing_the_memory_of_the_ring_stops_it(void **state)
{
	struct fixture *f = *state;
	struct vu_mem_reg reg = { .region = front_region(0) };

	start_ring(f, FRONT_FEATURES);
	/* the ring is in this region: the message fails */
	assert_int_equal(acked(f, VU_REM_MEM_REG, &reg, sizeof(reg), NULL, 0),
			 1);
	assert_null(f->vq);
}

static void a_reset_clears_the_setup(void **state)
{
	struct fixture *f = *state;
	struct vu_state on = { 0, 1 };

	start_ring(f, FRONT_FEATURES);
	assert_int_equal(acked(f, VU_RESET_DEVICE, NULL, 0, NULL, 0), 0);
	assert_null(f->vq);
	assert_int_equal(acked(f, VU_SET_VRING_ENABLE, &on, 8, NULL, 0), 0);
	assert_null(f->vq);
	start_ring(f, FRONT_FEATURES);
	assert_non_null(f->vq);
}

static void a_new_call_descriptor_does_not_stop_the_ring(void **state)
{
	struct fixture *f = *state;
	uint64_t none = VU_VRING_NOFD;

	if (!machine_passes_eventfds())
		LEAVE_OUT("an eventfd counts differently after it was passed");
	start_ring(f, FRONT_FEATURES);
	assert_true(session_signal(f->session));
	assert_int_equal(front_interrupts(&f->front), 1);
	front_send_fd(&f->front, VU_SET_VRING_CALL, f->front.call);
	assert_int_equal(take(f), 0);
	assert_int_equal(f->stops, 0);
	assert_int_equal(acked(f, VU_SET_VRING_CALL, &none, 8, NULL, 0), 0);
	assert_false(session_signal(f->session));
}

static void a_ring_error_signals_the_error_descriptor(void **state)
{
	struct fixture *f = *state;

	if (!machine_passes_eventfds())
		LEAVE_OUT("an eventfd counts differently after it was passed");
	front_send_fd(&f->front, VU_SET_VRING_ERR, f->front.call);
	assert_int_equal(take(f), 0);
	session_ring_error(f->session);
	assert_int_equal(front_interrupts(&f->front), 1);
}

static void a_full_or_closed_call_socket_is_tolerated(void **state)
{
	struct fixture *f = *state;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	front_send_fd(&f->front, VU_SET_VRING_CALL, pair[1]);
	assert_int_equal(take(f), 0);
	/* the file status flags are shared: the front end can make it block */
	assert_int_equal(fcntl(pair[1], F_SETFL, 0), 0);
	/* far more than the socket holds: neither blocks nor dies */
	for (int i = 0; i < 100000; i++)
		session_signal(f->session);
	close(pair[0]);
	session_signal(f->session);
	close(pair[1]);
}

static void a_full_call_eventfd_is_tolerated(void **state)
{
	struct fixture *f = *state;
	int fd = eventfd(0, EFD_CLOEXEC); /* blocking */

	front_send_fd(&f->front, VU_SET_VRING_CALL, fd);
	assert_int_equal(take(f), 0);
	assert_int_equal(eventfd_write(fd, UINT64_MAX - 1), 0);
	session_signal(f->session);
	close(fd);
}

static void the_request_channel_is_kept_open(void **state)
{
	struct fixture *f = *state;
	int pair[2];
	char byte;

	/* UML takes a closed channel for a device that is gone */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(acked(f, VU_SET_BACKEND_REQ_FD, NULL, 0, &pair[1], 1),
			 0);
	close(pair[1]);
	assert_int_equal(recv(pair[0], &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	close(pair[0]);
}

static void each_disconnect_stops_the_ring(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 50; i++) {
		start_ring(f, FRONT_FEATURES);
		assert_non_null(f->vq);
		disconnect_front(f);
		assert_null(f->vq);
		connect_front(f, 0);
	}
	assert_int_equal(f->starts, 50);
	assert_int_equal(f->stops, 50);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_offered_features_are_those_served),
		T(access_platform_is_offered_on_request),
		T(a_device_that_errs_does_not_promise_order),
		T(a_ring_behind_an_iommu_is_refused_with_the_reason),
		T(an_iotlb_message_is_refused_with_the_reason),
		T(a_resumable_session_offers_no_memory_slots),
		T(a_request_with_a_reply_is_not_acknowledged_too),
		T(need_reply_is_answered_even_if_not_negotiated),
		T(features_that_qemu_adds_are_ignored),
		T(a_resumable_session_refuses_packed_rings),
		T(a_packed_ring_begins_in_its_first_lap_or_at_its_base),
		T(protocol_features_not_offered_are_refused),
		T(an_unknown_request_fails_and_its_descriptors_are_closed),
		T(an_unknown_request_without_need_reply_ends_the_session),
		T(invalid_headers_end_the_session),
		T(an_oversized_payload_is_not_read),
		T(invalid_sizes_are_refused),
		T(wrong_numbers_of_descriptors_are_refused_without_a_leak),
		T(too_many_descriptors_end_the_session_without_a_leak),
		T(a_message_in_pieces_is_assembled),
		T(a_front_end_that_closes_mid_message_leaves_no_descriptor),
		T(a_front_end_that_never_reads_is_given_up),
		T(the_end_of_the_front_end_is_no_error),
		T(logged_refusals_are_limited),
		T(a_padded_memory_table_is_accepted),
		T(invalid_memory_tables_are_refused),
		T(regions_are_added_and_removed_one_by_one),
		T(a_ring_waits_for_enable),
		T(without_bit_30_no_enable_is_needed),
		T(event_idx_is_taken_from_the_features),
		T(disable_stops_before_it_is_acked),
		T(get_vring_base_replies_and_stops),
		T(rings_other_than_the_first_are_refused),
		T(invalid_ring_sizes_and_bases_are_refused),
		T(ring_addresses_are_the_front_ends),
		T(a_kick_descriptor_that_cannot_be_watched_is_refused),
		T(a_change_of_memory_restarts_the_ring),
		T(removing_the_memory_of_the_ring_stops_it),
		T(a_reset_clears_the_setup),
		T(a_new_call_descriptor_does_not_stop_the_ring),
		T(a_ring_error_signals_the_error_descriptor),
		T(a_full_or_closed_call_socket_is_tolerated),
		T(a_full_call_eventfd_is_tolerated),
		T(the_request_channel_is_kept_open),
		T(each_disconnect_stops_the_ring),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
