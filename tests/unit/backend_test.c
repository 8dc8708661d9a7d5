// SPDX-License-Identifier: GPL-2.0-or-later
/* The device as a whole: bytes from a source through a connection to a ring. */
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include "tests/unit/backend_rig.h"

/* ---- bytes ---- */

static void all_bytes_of_the_stream_arrive_in_order(void **state)
{
	struct fixture *f = *state;
	static const uint32_t sizes[] = { 1, 7, 63, 64, 65, 4096, 65536, 3 };
	uint64_t at = FRONT_BUF;

	known_stream(f);
	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES | FRONT_EVENT_IDX);
	if (!machine_passes_eventfds())
		LEAVE_OUT("an eventfd counts differently after it was passed");
	for (int round = 0; round < 40; round++) {
		front_set_used_event(&f->front, f->front.taken);
		for (uint16_t i = 0; i < 8; at += sizes[i++])
			offer(f, i, at, sizes[i]);
		kick(f);
		at = FRONT_BUF;
		for (uint16_t i = 0; i < 8; at += sizes[i++]) {
			assert_int_equal(answer(f), sizes[i]);
			assert_stream(f, at, sizes[i]);
		}
		assert_int_equal(front_interrupts(&f->front), 1);
		at = FRONT_BUF;
	}
	assert_int_equal(f->metrics.requests, 40 * 8);
	assert_int_equal(f->metrics.signals, 40);
	assert_int_equal(f->metrics.malformed, 0);
}

static void a_chain_is_filled_across_segments_and_regions(void **state)
{
	struct fixture *f = *state;
	uint64_t at = FRONT_GUEST1 - 100;

	known_stream(f);
	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	front_desc(&f->front, 0, FRONT_BUF, 33, W | NEXT, 4);
	front_desc(&f->front, 4, at, 200, W, 0);
	front_offer(&f->front, 0);
	kick(f);
	assert_int_equal(answer(f), 233);
	assert_stream(f, FRONT_BUF, 33);
	assert_stream(f, at, 100);
	assert_stream(f, FRONT_GUEST1, 100);
	/* and no byte more */
	assert_true(is_zero(f, FRONT_BUF + 33, 64));
	assert_true(is_zero(f, FRONT_GUEST1 + 100, 64));
}

static void bytes_handed_to_the_guest_are_wiped(void **state)
{
	struct fixture *f = *state;

	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	offer(f, 0, FRONT_BUF, 4096);
	kick(f);
	assert_int_equal(answer(f), 4096);
	for (size_t i = 0; i < VIRTQ_REQUEST_MAX; i++)
		assert_int_equal(f->buffer.stock[i], 0);
}

static void malformed_requests_get_no_bytes_and_cost_none(void **state)
{
	struct fixture *f = *state;

	known_stream(f);
	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	offer(f, 0, FRONT_BUF, 16);
	front_desc(&f->front, 1, FRONT_BUF + 16, 16, 0,
		   0); /* device-readable */
	front_offer(&f->front, 1);
	offer(f, 2, FRONT_END, 16); /* outside memory */
	offer(f, 3, FRONT_BUF + 32, 16);
	kick(f);
	assert_int_equal(answer(f), 16);
	assert_int_equal(answer(f), 0);
	assert_int_equal(answer(f), 0);
	assert_int_equal(answer(f), 16);
	assert_stream(f, FRONT_BUF, 16);
	assert_stream(f, FRONT_BUF + 32, 16);
	assert_true(is_zero(f, FRONT_BUF + 16, 16));
	assert_int_equal(f->metrics.malformed, 2);
}

static void a_ring_of_loops_does_not_spin(void **state)
{
	struct fixture *f = *state;
	const char *said;

	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	front_desc(&f->front, 0, FRONT_BUF, 1, W | NEXT, 0);
	for (int i = 0; i < NUM; i++)
		front_offer(&f->front, 0);
	kick(f);
	for (int i = 0; i < NUM; i++)
		assert_int_equal(answer(f), 0);
	/* one line for all */
	said = strstr(f->said, "loop");
	assert_non_null(said);
	assert_null(strstr(said + 1, "loop"));
}

static void a_broken_ring_is_not_served_until_it_is_set_up_again(void **state)
{
	struct fixture *f = *state;

	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	if (!machine_passes_eventfds())
		LEAVE_OUT("an eventfd counts differently after it was passed");
	front_send_fd(&f->front, VU_SET_VRING_ERR, f->front.call);
	pump(f);
	front_avail(&f->front)->idx = htole16(5000);
	kick(f);
	assert_non_null(strstr(f->said, "jumped"));
	assert_int_equal(front_interrupts(&f->front), 1);
	assert_int_equal(f->gone, 0);
	front_begin_at(&f->front, 0);
	offer(f, 0, FRONT_BUF, 8);
	kick(f);
	assert_false(answered(f));
	start_at(f, FRONT_FEATURES, 0);
	assert_int_equal(answer(f), 8);
}

/* ---- starting and stopping ---- */

static void a_kick_before_enable_is_not_lost(void **state)
{
	struct fixture *f = *state;

	make_device(f, DRBG, 0, 1);
	connect_front(f);
	offer(f, 0, FRONT_BUF, 64);
	assert_int_equal(front_send_ring(&f->front, FRONT_FEATURES, 0), 0);
	kick(f);
	assert_false(answered(f));
	front_send_state(&f->front, VU_SET_VRING_ENABLE, 0, 1);
	pump(f);
	assert_int_equal(answer(f), 64);
}

static void requests_made_before_the_device_connects_need_no_kick(void **state)
{
	struct fixture *f = *state;

	make_device(f, DRBG, 0, 1);
	offer(f, 0, FRONT_BUF, 64);
	start(f, FRONT_FEATURES);
	assert_int_equal(answer(f), 64);
	assert_int_equal(f->metrics.kicks, 0);
}

static void nothing_is_written_after_disable(void **state)
{
	struct fixture *f = *state;

	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	front_send_state(&f->front, VU_SET_VRING_ENABLE, 0, 0);
	pump(f);
	offer(f, 0, FRONT_BUF, 64);
	kick(f);
	assert_false(answered(f));
	assert_true(is_zero(f, FRONT_BUF, 64));
	front_send_state(&f->front, VU_SET_VRING_ENABLE, 0, 1);
	pump(f);
	assert_int_equal(answer(f), 64);
}

/* A device with a FIFO as its source. Returns the writing end. */
static int make_fifo_device(struct fixture *f)
{
	char spec[80];
	int fd;

	assert_int_equal(mkfifo(f->path, 0600), 0);
	snprintf(spec, sizeof(spec), "file:%s", f->path);
	make_device(f, spec, 0, 1);
	fd = open(f->path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void a_request_waits_for_a_slow_source(void **state)
{
	struct fixture *f = *state;
	int fifo = make_fifo_device(f);

	start(f, FRONT_FEATURES);
	offer(f, 0, FRONT_BUF, 64);
	offer(f, 1, FRONT_BUF + 64, 64);
	kick(f);
	assert_false(answered(f));
	assert_int_equal(write(fifo, "0123456789", 10), 10);
	pump(f);
	assert_int_equal(answer(f), 10);
	assert_memory_equal(front_mem(&f->front, FRONT_BUF), "0123456789", 10);
	assert_false(answered(f));
	close(fifo);
}

static void a_short_answer_leaves_the_rest_of_the_buffer_untouched(void **state)
{
	struct fixture *f = *state;
	int fifo = make_fifo_device(f);
	unsigned char untouched[64];

	memset(untouched, 0xee, sizeof(untouched));
	memset(front_mem(&f->front, FRONT_BUF), 0xee, 128);
	start(f, FRONT_FEATURES);
	front_desc(&f->front, 0, FRONT_BUF, 6, W | NEXT, 1);
	front_desc(&f->front, 1, FRONT_BUF + 64, 64, W, 0);
	front_offer(&f->front, 0);
	kick(f);
	assert_int_equal(write(fifo, "0123456789", 10), 10);
	pump(f);
	assert_int_equal(answer(f), 10);
	assert_memory_equal(front_mem(&f->front, FRONT_BUF), "012345", 6);
	assert_memory_equal(front_mem(&f->front, FRONT_BUF + 64), "6789", 4);
	assert_memory_equal(front_mem(&f->front, FRONT_BUF + 6), untouched, 58);
	assert_memory_equal(front_mem(&f->front, FRONT_BUF + 68), untouched,
			    60);
	close(fifo);
}

static void a_stopped_ring_gets_no_late_bytes_of_a_source(void **state)
{
	struct fixture *f = *state;
	int fifo = make_fifo_device(f);
	struct vu_message msg;

	start(f, FRONT_FEATURES);
	offer(f, 0, FRONT_BUF, 64);
	kick(f);
	front_send_state(&f->front, VU_GET_VRING_BASE, 0, 0);
	pump(f);
	assert_int_equal(front_reply(&f->front, &msg), 8);
	assert_int_equal(msg.payload.state.num, 0);
	assert_int_equal(f->backend.source.fd, -1); /* not watched */
	assert_int_equal(write(fifo, "late", 4), 4);
	pump(f);
	assert_true(is_zero(f, FRONT_BUF, 64));
	assert_false(answered(f));
	/* the request is answered when the ring restarts; no byte is lost */
	front_send_fd(&f->front, VU_SET_VRING_KICK, f->front.kick);
	pump(f);
	assert_int_equal(answer(f), 4);
	assert_memory_equal(front_mem(&f->front, FRONT_BUF), "late", 4);
	close(fifo);
}

static void the_stream_continues_across_stop_and_start(void **state)
{
	struct fixture *f = *state;
	struct vu_message msg;

	known_stream(f);
	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	for (uint16_t i = 0; i < 100; i++) {
		offer(f, 0, FRONT_BUF, 50);
		kick(f);
		assert_int_equal(answer(f), 50);
		assert_stream(f, FRONT_BUF, 50);
		front_send_state(&f->front, VU_GET_VRING_BASE, 0, 0);
		pump(f);
		assert_int_equal(front_reply(&f->front, &msg), 8);
		assert_int_equal(msg.payload.state.num, i + 1);
		front_send_state(&f->front, VU_SET_VRING_BASE, 0,
				 msg.payload.state.num);
		front_send_fd(&f->front, VU_SET_VRING_KICK, f->front.kick);
		pump(f);
	}
}

static void the_next_guest_gets_no_byte_of_the_last_one(void **state)
{
	struct fixture *f = *state;

	known_stream(f);
	make_device(f, DRBG, 0, 1);
	for (int i = 0; i < 20; i++) {
		front_begin_at(&f->front, 0);
		start(f, FRONT_FEATURES);
		offer(f, 0, FRONT_BUF, 100);
		kick(f);
		assert_int_equal(answer(f), 100);
		assert_stream(f, FRONT_BUF, 100);
		shutdown(f->front.sock, SHUT_RDWR);
		pump(f);
		assert_int_equal(f->gone, i + 1);
		assert_null(f->backend.session);
	}
	assert_int_equal(f->metrics.guests, 20);
}

static void truncated_memory_ends_its_guest_and_no_other(void **state)
{
	struct fixture *f = *state;

	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	if (!machine_sigbus_tells())
		LEAVE_OUT("SIGBUS does not give the address");
	offer(f, 0, FRONT_GUEST1 + 0x5000, 64);
	/* the start of the file is left, but not the ring */
	assert_int_equal(ftruncate(f->front.memfd, 0x2000), 0);
	assert_int_equal(front_kick(&f->front), 0);
	pump(f);
	assert_int_equal(f->gone, 1);
	assert_non_null(strstr(f->said, "truncated"));
	/* the next guest is served */
	assert_int_equal(ftruncate(f->front.memfd, FRONT_FILE), 0);
	front_begin_at(&f->front, 0);
	start(f, FRONT_FEATURES);
	offer(f, 0, FRONT_BUF, 64);
	kick(f);
	assert_int_equal(answer(f), 64);
}

static void a_closed_kick_descriptor_does_not_spin(void **state)
{
	struct fixture *f = *state;
	int pair[2];

	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	front_send_fd(&f->front, VU_SET_VRING_KICK, pair[1]);
	pump(f);
	close(pair[1]);
	close(pair[0]);
	pump(f);
	assert_non_null(strstr(f->said, "kick descriptor"));
	assert_int_equal(f->gone, 0);
}

static void a_kick_by_socket_is_accepted(void **state)
{
	struct fixture *f = *state;
	int pair[2];

	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	front_send_fd(&f->front, VU_SET_VRING_KICK, pair[1]);
	pump(f);
	offer(f, 0, FRONT_BUF, 64);
	assert_int_equal(write(pair[0], "x", 1), 1);
	pump(f);
	assert_int_equal(answer(f), 64);
	close(pair[1]);
	close(pair[0]);
}

/* It can be read 2^60 times. Requests are answered all the same. */
static void endless_kicks_do_not_spin(void **state)
{
	struct fixture *f = *state;
	int fd = eventfd(0, EFD_SEMAPHORE | EFD_CLOEXEC);

	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	if (!machine_passes_eventfds())
		LEAVE_OUT("an eventfd counts differently after it was passed");
	front_send_fd(&f->front, VU_SET_VRING_KICK, fd);
	pump(f);
	assert_int_equal(eventfd_write(fd, 1ULL << 60), 0);
	for (int i = 0; i < 20; i++) {
		pump(f);
		offer(f, 0, FRONT_BUF, 64);
		wait_for_answers(f, 1);
		assert_int_equal(answer(f), 64);
	}
	assert_true(f->metrics.kicks < 1000000);
	close(fd);
}

/* A counter that a front end writes is not one of kicks. */
static void kicks_are_counted_as_they_are_taken(void **state)
{
	struct fixture *f = *state;
	int fd = eventfd(0, EFD_CLOEXEC);

	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	front_send_fd(&f->front, VU_SET_VRING_KICK, fd);
	pump(f);
	assert_int_equal(eventfd_write(fd, UINT64_MAX - 1), 0);
	pump(f);
	assert_int_equal(f->metrics.kicks, 1);
	close(fd);
}

/* The loop gets its turn between them: 16 chains have 16,400 descriptors. */
static void long_chains_end_a_batch(void **state)
{
	struct fixture *f = *state;
	struct vring_desc *table;

	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	table = front_mem(&f->front, FRONT_BUF);
	for (int i = 0; i < VIRTQ_INDIRECT; i++)
		table[i] = (struct vring_desc){
			.addr = htole64(FRONT_BUF),
			.flags = htole16(W | NEXT),
			.next = htole16((uint16_t)((i + 1) % VIRTQ_INDIRECT)),
		};
	front_desc(&f->front, 0, FRONT_BUF, VIRTQ_INDIRECT * 16,
		   VRING_DESC_F_INDIRECT, 0);
	for (int i = 0; i < NUM; i++)
		front_offer(&f->front, 0);
	assert_int_equal(front_kick(&f->front), 0);
	assert_int_equal(loop_step(&f->loop, 0), 1);
	assert_true(answers(f) <=
		    BACKEND_BATCH / (BACKEND_DESC_COST * VIRTQ_INDIRECT));
	pump(f);
	assert_int_equal(answers(f), NUM);
}

static void a_kick_descriptor_that_cannot_be_polled_is_refused(void **state)
{
	struct fixture *f = *state;

	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	front_send_fd(&f->front, VU_SET_VRING_KICK, f->front.memfd);
	pump(f);
	assert_int_equal(f->gone, 1);
	assert_non_null(strstr(f->said, "is no eventfd, pipe or socket"));
}

/* Polling stops being worthwhile: the device asks for a kick again. */
static void polling_ends_with_asking_for_a_kick(void **state)
{
	struct fixture *f = *state;

	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES | FRONT_EVENT_IDX);
	f->backend.looks = true;
	offer(f, 0, FRONT_BUF, 64);
	kick(f);
	assert_int_equal(answer(f), 64);
	assert_false(f->backend.looks);
	assert_int_equal(front_avail_event(&f->front), f->front.offered);
	assert_false(answered(f));
}

/* Each page that was written is marked. */
static void pages_written_while_a_guest_migrates_are_marked(void **state)
{
	struct vu_log log = { .size = FRONT_END / 4096 / 8 };
	struct fixture *f = *state;
	const uint64_t first = FRONT_BUF / 4096;
	int fd = memfd_create("front-log", MFD_CLOEXEC);
	unsigned char *bits;
	unsigned int marked = 0;

	assert_int_equal(ftruncate(fd, (off_t)log.size), 0);
	make_device(f, DRBG, 0, 1);
	connect_front(f);
	front_send(&f->front, VU_SET_LOG_BASE, VU_VERSION, &log, sizeof(log),
		   &fd, 1);
	start_at(f, FRONT_FEATURES | 1ULL << VU_F_LOG_ALL, 0);
	offer(f, 0, FRONT_BUF + 4095, 4098);
	kick(f);
	assert_int_equal(answer(f), 4098);
	bits = mmap(NULL, (size_t)log.size, PROT_READ, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(bits, MAP_FAILED);
	for (uint64_t page = 0; page < 3; page++)
		assert_true(rig_is_marked(bits, first + page));
	for (uint64_t i = 0; i < log.size; i++)
		marked += (unsigned int)__builtin_popcount(bits[i]);
	assert_int_equal(marked, 3 * RIG_PAGE_BITS);
	munmap(bits, (size_t)log.size);
	close(fd);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(all_bytes_of_the_stream_arrive_in_order),
		T(a_chain_is_filled_across_segments_and_regions),
		T(bytes_handed_to_the_guest_are_wiped),
		T(malformed_requests_get_no_bytes_and_cost_none),
		T(a_ring_of_loops_does_not_spin),
		T(a_broken_ring_is_not_served_until_it_is_set_up_again),
		T(a_kick_before_enable_is_not_lost),
		T(requests_made_before_the_device_connects_need_no_kick),
		T(nothing_is_written_after_disable),
		T(a_request_waits_for_a_slow_source),
		T(a_short_answer_leaves_the_rest_of_the_buffer_untouched),
		T(a_stopped_ring_gets_no_late_bytes_of_a_source),
		T(the_stream_continues_across_stop_and_start),
		T(the_next_guest_gets_no_byte_of_the_last_one),
		T(truncated_memory_ends_its_guest_and_no_other),
		T(a_closed_kick_descriptor_does_not_spin),
		T(a_kick_by_socket_is_accepted),
		T(a_kick_descriptor_that_cannot_be_polled_is_refused),
		T(endless_kicks_do_not_spin),
		T(kicks_are_counted_as_they_are_taken),
		T(long_chains_end_a_batch),
		T(polling_ends_with_asking_for_a_kick),
		T(pages_written_while_a_guest_migrates_are_marked),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("backend", tests, NULL, NULL);
}
