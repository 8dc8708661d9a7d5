// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The device under the front ends that no test boots: each sends its messages in
 * its own order. A front end is played from its connection to a reset or a
 * reconnection of its guest, and while the device is replaced (--hand-over).
 */
#include <linux/virtio_config.h>
#include <stdlib.h>

#include "tests/device/vhost-user/session.h"
#include "tests/unit/backend_rig.h"
#include "tests/unit/transcript_rig.h"

#define BIT(n)	 (1ULL << (n))
#define PLAIN	 VU_VERSION
#define ACKED	 (VU_VERSION | VU_NEED_REPLY)
#define PROTOCOL BIT(VU_F_PROTOCOL)

/* ---- messages ---- */

/* Send a message, with @fd unless it is -1. If an ack is asked for, it is 0. */
static void send_with(struct fixture *f, uint32_t flags, uint32_t request,
		      const void *payload, size_t size, int fd)
{
	struct vu_message msg;

	assert_int_equal(front_send(&f->front, request, flags, payload, size,
				    &fd, fd >= 0),
			 0);
	pump(f);
	if (!(flags & VU_NEED_REPLY)) {
		assert_int_equal(front_reply(&f->front, &msg), -EAGAIN);
		return;
	}
	assert_int_equal(front_reply(&f->front, &msg), 8);
	assert_int_equal(msg.header.request, request);
	assert_int_equal(msg.payload.u64, 0);
}

static void send_empty(struct fixture *f, uint32_t flags, uint32_t request)
{
	send_with(f, flags, request, NULL, 0, -1);
}

static void send_u64(struct fixture *f, uint32_t flags, uint32_t request,
		     uint64_t value)
{
	send_with(f, flags, request, &value, sizeof(value), -1);
}

static void send_state(struct fixture *f, uint32_t flags, uint32_t request,
		       uint32_t num)
{
	struct vu_state state = { 0, num };

	send_with(f, flags, request, &state, sizeof(state), -1);
}

static void send_fd(struct fixture *f, uint32_t flags, uint32_t request, int fd)
{
	uint64_t ring = 0;

	send_with(f, flags, request, &ring, sizeof(ring), fd);
}

static void send_addr(struct fixture *f, uint32_t flags)
{
	struct vu_addr addr = { .desc = front_addr(f->front.desc),
				.avail = front_addr(f->front.avail),
				.used = front_addr(f->front.used) };

	send_with(f, flags, VU_SET_VRING_ADDR, &addr, sizeof(addr), -1);
}

static void send_memory(struct fixture *f, uint32_t flags)
{
	struct vu_message msg;

	if (flags & VU_NEED_REPLY) {
		struct vu_mem_table table = {
			.n = 2, .region = { front_region(0), front_region(1) }
		};
		int fds[] = { f->front.memfd, f->front.memfd };

		front_send(&f->front, VU_SET_MEM_TABLE, flags, &table,
			   offsetof(struct vu_mem_table, region) +
				   2 * sizeof(struct vu_region),
			   fds, 2);
		pump(f);
		assert_int_equal(front_reply(&f->front, &msg), 8);
		assert_int_equal(msg.payload.u64, 0);
		return;
	}
	assert_int_equal(front_send_mem_table(&f->front), 0);
	pump(f);
}

/* Send a request whose reply is a u64. Returns that. */
static uint64_t ask(struct fixture *f, uint32_t flags, uint32_t request)
{
	struct vu_message msg;

	assert_int_equal(
		front_send(&f->front, request, flags, NULL, 0, NULL, 0), 0);
	pump(f);
	assert_int_equal(front_reply(&f->front, &msg), 8);
	assert_int_equal(msg.header.request, request);
	return msg.payload.u64;
}

static uint32_t stop_ring(struct fixture *f, uint32_t flags)
{
	struct vu_state state = { 0, 0 };
	struct vu_message msg;

	front_send(&f->front, VU_GET_VRING_BASE, flags, &state, sizeof(state),
		   NULL, 0);
	pump(f);
	assert_int_equal(front_reply(&f->front, &msg), 8);
	return msg.payload.state.num;
}

/* The front end's end of the channel for the back-end's requests is @pair[0]. */
static void send_backend_channel(struct fixture *f, uint32_t flags)
{
	int pair[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	send_with(f, flags, VU_SET_BACKEND_REQ_FD, NULL, 0, pair[1]);
	close(pair[0]);
	close(pair[1]);
}

/* ---- the device is replaced ---- */

/* A device that has nothing of the one before but what that hands over. */
static void replace_device(struct fixture *f)
{
	struct transcript *saved = transcript_new(), *t;
	int sock;

	assert_non_null(saved);
	sock = dup(backend_save(&f->backend, saved));
	assert_true(sock >= 0);
	t = transcript_pass_on(saved);
	free(saved);
	backend_detach(&f->backend);
	if (backend_take_over(&f->backend, sock, t))
		fail_msg("%s", f->said);
	transcript_close(t);
	free(t);
	pump(f);
	assert_int_equal(f->gone, 0);
}

/* ---- the guest ---- */

/* The guest reads @n times, under heads that differ from their order. */
static void read_some(struct fixture *f, uint16_t n)
{
	uint32_t id, len;

	for (uint16_t i = 0; i < n; i++)
		offer(f, (uint16_t)(i * 5 % f->front.num), FRONT_BUF + i * 64U,
		      64);
	kick(f);
	for (uint16_t i = 0; i < n; i++) {
		assert_true(front_answer(&f->front, &id, &len));
		assert_int_equal(id, i * 5 % f->front.num);
		assert_int_equal(len, 64);
		assert_stream(f, FRONT_BUF + i * 64U, 64);
	}
}

static void offer_three(struct fixture *f)
{
	for (uint16_t i = 0; i < 3; i++)
		offer(f, i, FRONT_BUF + i * 64U, 64);
}

static void take_three(struct fixture *f)
{
	for (uint16_t i = 0; i < 3; i++) {
		assert_int_equal(answer(f), 64);
		assert_stream(f, FRONT_BUF + i * 64U, 64);
	}
}

/* The guest's driver starts anew: a ring in zeroed memory. */
static void new_driver(struct fixture *f)
{
	memset(front_mem(&f->front, f->front.desc), 0, 0x4000);
	memset(front_avail(&f->front), 0, 0x1000);
	memset(front_used(&f->front), 0, 0x1000);
	f->front.offered = f->front.taken = 0;
}

static void begin(struct fixture *f)
{
	known_stream(f);
	make_device(f, DRBG, 0, 1);
	connect_front(f);
}

/* From the memory to the ring in use: Cloud Hypervisor and crosvm do the same. */
static void send_setup(struct fixture *f, uint32_t flags, uint16_t base)
{
	send_memory(f, flags);
	send_state(f, flags, VU_SET_VRING_NUM, f->front.num);
	send_addr(f, flags);
	send_state(f, flags, VU_SET_VRING_BASE, base);
	send_fd(f, flags, VU_SET_VRING_CALL, f->front.call);
	send_fd(f, flags, VU_SET_VRING_KICK, f->front.kick);
	send_state(f, flags, VU_SET_VRING_ENABLE, 1);
}

/* ---- Cloud Hypervisor: --generic-vhost-user ---- */

static void cloud_hypervisor_sets_up(struct fixture *f, uint64_t features,
				     uint16_t base)
{
	send_u64(f, ACKED, VU_SET_FEATURES, features);
	send_setup(f, ACKED, base);
	send_backend_channel(f, ACKED);
}

/* Acks are asked for once REPLY_ACK is negotiated. Returns the features. */
static uint64_t cloud_hypervisor_connects(struct fixture *f)
{
	uint64_t features, protocol;

	send_empty(f, PLAIN, VU_SET_OWNER);
	features = ask(f, PLAIN, VU_GET_FEATURES);
	assert_true(features & PROTOCOL);
	protocol = ask(f, PLAIN, VU_GET_PROTOCOL_FEATURES);
	protocol &= BIT(VU_PROTOCOL_MQ) | BIT(VU_PROTOCOL_LOG_SHMFD) |
		    BIT(VU_PROTOCOL_REPLY_ACK) | BIT(VU_PROTOCOL_BACKEND_REQ) |
		    BIT(VU_PROTOCOL_MEM_SLOTS);
	send_u64(f, PLAIN, VU_SET_PROTOCOL_FEATURES, protocol);
	assert_int_equal(ask(f, ACKED, VU_GET_QUEUE_NUM), 1);
	return features &
	       (PROTOCOL | BIT(VIRTIO_F_VERSION_1) |
		BIT(VIRTIO_RING_F_EVENT_IDX) |
		BIT(VIRTIO_RING_F_INDIRECT_DESC) | BIT(VIRTIO_F_IN_ORDER));
}

static void cloud_hypervisor_reads_and_pauses(void **state)
{
	struct fixture *f = *state;
	struct vu_mem_reg reg = { .region = { FRONT_END, 0x1000, 0x700000000000,
					      0 } };
	uint64_t features;

	begin(f);
	features = cloud_hypervisor_connects(f);
	assert_true(features & BIT(VIRTIO_F_IN_ORDER));
	cloud_hypervisor_sets_up(f, features, 0);
	read_some(f, 7);
	/* memory is plugged in */
	send_with(f, ACKED, VU_ADD_MEM_REG, &reg, sizeof(reg), f->front.memfd);
	read_some(f, 16);
	/* the guest is paused, and asks meanwhile */
	send_state(f, ACKED, VU_SET_VRING_ENABLE, 0);
	offer(f, 0, FRONT_BUF, 64);
	kick(f);
	assert_int_equal(answers(f), 0);
	send_state(f, ACKED, VU_SET_VRING_ENABLE, 1);
	assert_int_equal(answer(f), 64);
	assert_stream(f, FRONT_BUF, 64);
}

/*
 * The front end names the available index as base, although three requests
 * before it were not answered by the device that it lost.
 */
static void cloud_hypervisor_reconnects_and_loses_no_request(void **state)
{
	struct fixture *f = *state;
	uint64_t features;

	begin(f);
	features = cloud_hypervisor_connects(f) & ~BIT(VIRTIO_F_IN_ORDER);
	cloud_hypervisor_sets_up(f, features, 0);
	read_some(f, 9);
	backend_detach(&f->backend);
	offer_three(f);
	connect_front(f);
	cloud_hypervisor_connects(f);
	cloud_hypervisor_sets_up(f, features, f->front.offered);
	take_three(f);
	read_some(f, 5);
}

/* Requests that no kick told of, and memory that was plugged in, are the next one's. */
static void cloud_hypervisor_has_its_device_replaced(void **state)
{
	struct fixture *f = *state;
	struct vu_mem_reg reg = { .region = { FRONT_END, 0x1000, 0x700000000000,
					      FRONT_OFF1 + FRONT_REGION } };
	uint64_t features;

	begin(f);
	features = cloud_hypervisor_connects(f);
	replace_device(f);
	cloud_hypervisor_sets_up(f, features, 0);
	read_some(f, 7);
	send_with(f, ACKED, VU_ADD_MEM_REG, &reg, sizeof(reg), f->front.memfd);
	offer_three(f);
	replace_device(f);
	take_three(f);
	offer(f, 0, FRONT_END, 64);
	kick(f);
	assert_int_equal(answer(f), 64);
	assert_stream(f, FRONT_END, 64);
	/* the guest is paused meanwhile */
	send_state(f, ACKED, VU_SET_VRING_ENABLE, 0);
	offer_three(f);
	replace_device(f);
	kick(f);
	assert_int_equal(answers(f), 0);
	send_state(f, ACKED, VU_SET_VRING_ENABLE, 1);
	take_three(f);
}

/* ---- crosvm: --vhost-user type=rng ---- */

/* The device offers ACCESS_PLATFORM, as for a guest whose memory is protected. */
static void crosvm_reads_and_sleeps(void **state)
{
	struct fixture *f = *state;
	uint64_t features;

	f->backend.offers = SESSION_ACCESS_PLATFORM;
	begin(f);
	send_empty(f, PLAIN, VU_SET_OWNER);
	features = ask(f, PLAIN, VU_GET_FEATURES);
	assert_true(features & BIT(VIRTIO_F_ACCESS_PLATFORM));
	ask(f, PLAIN, VU_GET_PROTOCOL_FEATURES);
	send_u64(f, PLAIN, VU_SET_PROTOCOL_FEATURES,
		 BIT(VU_PROTOCOL_MQ) | BIT(VU_PROTOCOL_BACKEND_REQ) |
			 BIT(VU_PROTOCOL_REPLY_ACK));
	send_backend_channel(f, PLAIN);
	assert_int_equal(ask(f, PLAIN, VU_GET_QUEUE_NUM), 1);
	send_u64(f, PLAIN, VU_SET_FEATURES,
		 features & (PROTOCOL | BIT(VIRTIO_F_VERSION_1) |
			     BIT(VIRTIO_F_ACCESS_PLATFORM) |
			     BIT(VIRTIO_RING_F_EVENT_IDX)));
	send_setup(f, PLAIN, 0);
	read_some(f, 16);
	read_some(f, 3);
	send_state(f, PLAIN, VU_SET_VRING_ENABLE, 0);
	assert_int_equal(stop_ring(f, PLAIN), 19);
	send_setup(f, PLAIN, 19);
	read_some(f, 11);
	/* the device is replaced before the guest sleeps, and while it does */
	replace_device(f);
	send_state(f, PLAIN, VU_SET_VRING_ENABLE, 0);
	assert_int_equal(stop_ring(f, PLAIN), 30);
	replace_device(f);
	send_setup(f, PLAIN, 30);
	read_some(f, 11);
}

/* ---- libkrun: krun_add_vhost_user_device() ---- */

static void libkrun_connects(struct fixture *f)
{
	ask(f, PLAIN, VU_GET_FEATURES);
	ask(f, PLAIN, VU_GET_PROTOCOL_FEATURES);
	send_u64(f, PLAIN, VU_SET_PROTOCOL_FEATURES,
		 BIT(VU_PROTOCOL_MQ) | BIT(VU_PROTOCOL_BACKEND_REQ));
	assert_int_equal(ask(f, PLAIN, VU_GET_QUEUE_NUM), 1);
}

static void libkrun_activates(struct fixture *f, uint64_t features)
{
	send_empty(f, PLAIN, VU_SET_OWNER);
	send_backend_channel(f, PLAIN);
	send_memory(f, PLAIN);
	send_u64(f, PLAIN, VU_SET_FEATURES, features | PROTOCOL);
	send_state(f, PLAIN, VU_SET_VRING_NUM, f->front.num);
	send_state(f, PLAIN, VU_SET_VRING_BASE, 0);
	send_addr(f, PLAIN);
	send_fd(f, PLAIN, VU_SET_VRING_KICK, f->front.kick);
	send_fd(f, PLAIN, VU_SET_VRING_CALL, f->front.call);
	send_state(f, PLAIN, VU_SET_VRING_ENABLE, 1);
}

static void libkrun_reads_and_resets(void **state)
{
	const uint64_t features =
		BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_RING_F_INDIRECT_DESC);
	struct fixture *f = *state;

	begin(f);
	libkrun_connects(f);
	libkrun_activates(f, features);
	read_some(f, 16);
	/* a reset only disables the ring; the next driver has a new one */
	send_state(f, PLAIN, VU_SET_VRING_ENABLE, 0);
	new_driver(f);
	libkrun_activates(f, features);
	read_some(f, 16);
	/* and so has one that starts with another device */
	send_state(f, PLAIN, VU_SET_VRING_ENABLE, 0);
	replace_device(f);
	new_driver(f);
	libkrun_activates(f, features);
	read_some(f, 16);
}

/* It sends SET_OWNER when the guest's driver starts, not when it connects. */
static void libkrun_keeps_the_device_while_its_guest_boots(void **state)
{
	struct fixture *f = *state;

	begin(f);
	libkrun_connects(f);
	backend_expect_message(&f->backend);
	assert_int_equal(f->gone, 0);
	replace_device(f);
	backend_expect_message(&f->backend);
	assert_int_equal(f->gone, 0);
	libkrun_activates(f, BIT(VIRTIO_F_VERSION_1));
	read_some(f, 4);
}

/* ---- ring sizes ---- */

/* One descriptor, directly or by a table of one. */
static void offer_by(struct fixture *f, uint16_t head, bool indirect)
{
	const uint64_t buffer = FRONT_BUF + 2ULL * head;
	const uint64_t table = FRONT_GUEST0 + 0x80000 + 16ULL * head;
	struct vring_desc *d = front_mem(&f->front, table);

	*d = (struct vring_desc){ .addr = htole64(buffer),
				  .len = htole32(2),
				  .flags = htole16(W) };
	if (indirect)
		front_desc(&f->front, head, table, sizeof(*d),
			   VRING_DESC_F_INDIRECT, 0);
	else
		front_desc(&f->front, head, buffer, 2, W, 0);
	front_offer(&f->front, head);
}

/* Fill the ring twice, each time in an order of its own. */
static void fill_ring(struct fixture *f, bool indirect)
{
	const uint16_t num = f->front.num;
	uint32_t id, len;

	for (uint32_t lap = 0; lap < 2; lap++) {
		for (uint32_t i = 0; i < num; i++)
			offer_by(f, (uint16_t)((i * 7 + lap) % num), indirect);
		kick(f);
		for (uint32_t i = 0; i < num; i++) {
			if (!front_answer(&f->front, &id, &len))
				fail_msg("ring of %u: answer %u", num, i);
			if (id != (i * 7 + lap) % num || len != 2)
				fail_msg("ring of %u: id %u, length %u", num,
					 id, len);
		}
		assert_false(answered(f));
	}
}

static void rings_of_1_to_32768_are_served_in_order(void **state)
{
	struct fixture *f = *state;

	make_device(f, DRBG, 0, 1);
	for (unsigned int num = 1; num <= 32768; num *= 2) {
		for (unsigned int kind = 0; kind < 8; kind++) {
			uint64_t features = BIT(VIRTIO_F_VERSION_1) |
					    BIT(VIRTIO_F_IN_ORDER);

			backend_detach(&f->backend);
			memset(front_mem(&f->front, FRONT_GUEST1), 0,
			       FRONT_REGION);
			front_place(&f->front, (uint16_t)num);
			features |= kind & 1 ? FRONT_EVENT_IDX : 0;
			features |= kind & 2 ? PROTOCOL : 0;
			connect_front(f);
			front_send_ring(&f->front, features, 0);
			if (features & PROTOCOL)
				front_send_state(&f->front, VU_SET_VRING_ENABLE,
						 0, 1);
			pump(f);
			fill_ring(f, kind & 4);
		}
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(cloud_hypervisor_reads_and_pauses),
		T(cloud_hypervisor_reconnects_and_loses_no_request),
		T(cloud_hypervisor_has_its_device_replaced),
		T(crosvm_reads_and_sleeps),
		T(libkrun_reads_and_resets),
		T(libkrun_keeps_the_device_while_its_guest_boots),
		T(rings_of_1_to_32768_are_served_in_order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("front ends", tests, NULL, NULL);
}
