// SPDX-License-Identifier: GPL-2.0-or-later
/* The device whole: from a source through a connection into a ring. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/device/entropy/request_buffer.h"
#include "tests/unit/front.h"
#include "tests/device/vhost-user-rng/backend.h"
#include "rngd/base/log.h"
#include "tests/device/guest-memory/sigbus.h"
#include "tests/device/vhost-user-rng/metrics.h"
#include "tests/device/entropy/shared_source.h"
#include "tests/unit/fds.h"
#include "tests/unit/front_rig.h"
#include "tests/unit/machine.h"
#include "vrng/source.h"

#define NUM  16
#define W    VRING_DESC_F_WRITE
#define NEXT VRING_DESC_F_NEXT
#define MS   1000000ULL
#define DRBG                                                         \
	"drbg:seed=0123456789abcdef0123456789abcdef0123456789abcdef" \
	"0123456789abcdef"

struct fixture {
	struct front front;
	struct loop loop;
	struct shared_source shared;
	struct vrng_source *known; /* the same stream, for comparison */
	struct request_buffer buffer;
	struct metrics metrics;
	struct backend backend;
	struct vrng_log log;
	char said[1024]; /* all lines, for messages that matter */
	int gone;
	int fds;
	char dir[32];
	char path[64]; /* of a FIFO or file in it */
};

/*
 * The device's clock, where a case sets it (rng_test is linked with --wrap). Each
 * look at it takes a microsecond, as the device may look until some have passed.
 */
static uint64_t fake_now;

uint64_t __real_vrng_now(void);
uint64_t __wrap_vrng_now(void);

uint64_t __wrap_vrng_now(void)
{
	if (!fake_now)
		return __real_vrng_now();
	fake_now += MS / 1000;
	return fake_now;
}

static void note_line(const struct vrng_log *log, enum vrng_log_level level,
		      const char *text)
{
	struct fixture *f = log->opaque;
	size_t used = strlen(f->said);

	(void)level;
	snprintf(f->said + used, sizeof(f->said) - used, "%s\n", text);
}

static void on_gone(struct backend *backend)
{
	struct fixture *f =
		(void *)((char *)backend - offsetof(struct fixture, backend));

	f->gone++;
}

/* cmocka puts a SIGBUS handler of its own in place for each test. */
static void make_device(struct fixture *f, const char *spec, uint64_t max,
			uint64_t period)
{
	assert_int_equal(sigbus_install(), 0);
	assert_int_equal(
		shared_source_init(&f->shared, spec, "", &f->log, NULL), 0);
	assert_int_equal(request_buffer_init(&f->buffer, &f->shared, NULL, NULL,
					     max, period),
			 0);
	f->backend.loop = &f->loop;
	f->backend.buffer = &f->buffer;
	f->backend.metrics = &f->metrics;
	f->backend.log = &f->log;
	f->backend.gone = on_gone;
	assert_int_equal(backend_init(&f->backend, NULL), 0);
}

static void connect_front(struct fixture *f)
{
	int pair[2];

	if (f->front.sock >= 0)
		close(f->front.sock);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	f->front.sock = pair[0];
	assert_int_equal(backend_attach(&f->backend, pair[1]), 0);
}

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.fds = fds_open();
	f.log = (struct vrng_log){ .sink = note_line, .opaque = &f };
	strcpy(f.dir, "/tmp/vrng-rng_test.XXXXXX");
	if (!mkdtemp(f.dir) || front_init(&f.front, NUM) || loop_init(&f.loop))
		return -1;
	snprintf(f.path, sizeof(f.path), "%s/source", f.dir);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fake_now = 0;
	backend_done(&f->backend);
	request_buffer_done(&f->buffer);
	shared_source_done(&f->shared);
	vrng_source_free(f->known);
	loop_done(&f->loop);
	front_done(&f->front);
	unlink(f->path);
	rmdir(f->dir);
	return fds_left(f->fds);
}

/* Let the device do all that it can do at once. */
static void pump(struct fixture *f)
{
	for (int i = 0; i < 100000; i++)
		if (loop_step(&f->loop, 0) != 1)
			return;
	fail_msg("the device never rests");
}

/* Answers that the guest has not taken yet. */
static uint16_t answers(const struct fixture *f)
{
	return (uint16_t)(le16toh(front_used(&f->front)->idx) - f->front.taken);
}

/* Until the guest has @n answers more than it took, for up to 5 s. */
static void wait_for_answers(struct fixture *f, uint16_t n)
{
	uint64_t end = __real_vrng_now() + 5000 * MS;

	while (answers(f) < n) {
		if (__real_vrng_now() > end)
			fail_msg("no answer within 5 s; device: %s", f->said);
		loop_step(&f->loop, 100);
	}
}

static void start_at(struct fixture *f, uint64_t features, uint16_t base)
{
	assert_int_equal(front_send_ring(&f->front, features, base), 0);
	front_send_state(&f->front, VU_SET_VRING_ENABLE, 0, 1);
	pump(f);
	assert_non_null(f->backend.vq);
}

static void start(struct fixture *f, uint64_t features)
{
	connect_front(f);
	start_at(f, features, 0);
}

static void offer(struct fixture *f, uint16_t i, uint64_t addr, uint32_t len)
{
	front_desc(&f->front, i, addr, len, W, 0);
	front_offer(&f->front, i);
}

static void kick(struct fixture *f)
{
	assert_int_equal(front_kick(&f->front), 0);
	pump(f);
}

/* The next answer; its length. */
static uint32_t answer(struct fixture *f)
{
	uint32_t id, len;

	assert_true(front_answer(&f->front, &id, &len));
	return len;
}

static bool answered(struct fixture *f)
{
	uint32_t id, len;

	return front_answer(&f->front, &id, &len);
}

static void known_stream(struct fixture *f)
{
	assert_int_equal(vrng_source_parse(&f->known, DRBG, &vrng_opener_plain,
					   NULL),
			 0);
	assert_int_equal(vrng_source_open(f->known, NULL), 0);
}

/* @len bytes at guest address @addr are the known stream's next. */
static void assert_stream(struct fixture *f, uint64_t addr, size_t len)
{
	unsigned char want[VIRTQ_REQUEST_MAX];

	for (size_t have = 0; have < len;) {
		ssize_t n = vrng_source_read(f->known, want + have, len - have,
					     NULL);

		assert_true(n > 0);
		have += (size_t)n;
	}
	assert_memory_equal(front_mem(&f->front, addr), want, len);
}

static bool is_zero(struct fixture *f, uint64_t addr, size_t len)
{
	const unsigned char *p = front_mem(&f->front, addr);

	for (size_t i = 0; i < len; i++)
		if (p[i])
			return false;
	return true;
}

/* ---- bytes ---- */

static void the_stream_arrives_byte_by_byte_in_order(void **state)
{
	struct fixture *f = *state;
	static const uint32_t sizes[] = { 1, 7, 63, 64, 65, 4096, 65536, 3 };
	uint64_t at = FRONT_BUF;

	known_stream(f);
	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES | FRONT_EVENT_IDX);
	if (!machine_passes_eventfds())
		LEAVE_OUT("an eventfd counts otherwise after it was passed");
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
	/* and not one byte more */
	assert_true(is_zero(f, FRONT_BUF + 33, 64));
	assert_true(is_zero(f, FRONT_GUEST1 + 100, 64));
}

static void what_is_handed_on_is_wiped_here(void **state)
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

static void malformed_requests_get_nothing_and_cost_no_byte(void **state)
{
	struct fixture *f = *state;

	known_stream(f);
	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	offer(f, 0, FRONT_BUF, 16);
	front_desc(&f->front, 1, FRONT_BUF + 16, 16, 0, 0); /* readable */
	front_offer(&f->front, 1);
	offer(f, 2, FRONT_END, 16); /* nowhere */
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
	/* one line, not one each */
	said = strstr(f->said, "loop");
	assert_non_null(said);
	assert_null(strstr(said + 1, "loop"));
}

static void a_broken_ring_is_left_alone_until_set_up_anew(void **state)
{
	struct fixture *f = *state;

	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	if (!machine_passes_eventfds())
		LEAVE_OUT("an eventfd counts otherwise after it was passed");
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

/* ---- the ring's comings and goings ---- */

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

static void requests_there_before_the_device_need_no_kick(void **state)
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

/* A FIFO as the source, with the writer in our hands. */
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

static void a_short_answer_leaves_the_rest_alone(void **state)
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

static void a_stopped_ring_gets_nothing_from_a_source_that_wakes(void **state)
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
	assert_int_equal(f->backend.source.fd, -1); /* not even watched */
	assert_int_equal(write(fifo, "late", 4), 4);
	pump(f);
	assert_true(is_zero(f, FRONT_BUF, 64));
	assert_false(answered(f));
	/* the request is answered when the ring goes on; no byte was lost */
	front_send_fd(&f->front, VU_SET_VRING_KICK, f->front.kick);
	pump(f);
	assert_int_equal(answer(f), 4);
	assert_memory_equal(front_mem(&f->front, FRONT_BUF), "late", 4);
	close(fifo);
}

static void the_stream_goes_on_over_stop_and_start(void **state)
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

static void the_next_guest_is_served_and_sees_no_byte_twice(void **state)
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
		assert_null(f->backend.vu);
	}
	assert_int_equal(f->metrics.guests, 20);
}

static void a_guest_whose_memory_is_truncated_is_dropped_alone(void **state)
{
	struct fixture *f = *state;

	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	if (!machine_sigbus_tells())
		LEAVE_OUT("SIGBUS does not tell where");
	offer(f, 0, FRONT_GUEST1 + 0x5000, 64);
	/* only what lies at the front of the file is left, not the ring */
	assert_int_equal(ftruncate(f->front.memfd, 0x2000), 0);
	assert_int_equal(front_kick(&f->front), 0);
	pump(f);
	assert_int_equal(f->gone, 1);
	assert_non_null(strstr(f->said, "truncated"));
	/* a good one comes next */
	assert_int_equal(ftruncate(f->front.memfd, FRONT_FILE), 0);
	front_begin_at(&f->front, 0);
	start(f, FRONT_FEATURES);
	offer(f, 0, FRONT_BUF, 64);
	kick(f);
	assert_int_equal(answer(f), 64);
}

static void a_kick_descriptor_that_ends_does_not_spin(void **state)
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

static void a_kick_by_socket_is_taken(void **state)
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

static void a_kick_descriptor_nobody_can_wait_for_is_refused(void **state)
{
	struct fixture *f = *state;

	make_device(f, DRBG, 0, 1);
	start(f, FRONT_FEATURES);
	front_send_fd(&f->front, VU_SET_VRING_KICK, f->front.memfd);
	pump(f);
	assert_int_equal(f->gone, 1);
	assert_non_null(strstr(f->said, "cannot be watched"));
}

/* ---- the source ---- */

static bool source_is_open(struct fixture *f)
{
	char link[64], target[128];

	for (int fd = 0; fd < 256; fd++) {
		ssize_t n;

		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		if (!strcmp(target, f->path))
			return true;
	}
	return false;
}

static void make_file_device(struct fixture *f, const char *text)
{
	char spec[80];
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	snprintf(spec, sizeof(spec), "file:%s", f->path);
	make_device(f, spec, 0, 1);
}

static void the_source_is_open_only_while_a_guest_uses_it(void **state)
{
	struct fixture *f = *state;

	make_file_device(f, "0123456789");
	assert_false(source_is_open(f));
	connect_front(f);
	pump(f);
	assert_false(source_is_open(f));
	start_at(f, FRONT_FEATURES, 0);
	assert_true(source_is_open(f));
	shutdown(f->front.sock, SHUT_RDWR);
	pump(f);
	assert_false(source_is_open(f));
}

static void at_its_end_a_source_starves_the_guest_and_may_grow(void **state)
{
	struct fixture *f = *state;
	FILE *file;

	make_file_device(f, "0123456789");
	start(f, FRONT_FEATURES);
	offer(f, 0, FRONT_BUF, 64);
	offer(f, 1, FRONT_BUF + 64, 64);
	kick(f);
	assert_int_equal(answer(f), 10);
	assert_false(answered(f));
	assert_non_null(strstr(f->said, "end of file"));
	assert_true(is_zero(f, FRONT_BUF + 10, 118));
	file = fopen(f->path, "a");
	fputs("more", file);
	fclose(file);
	wait_for_answers(f, 1);
	assert_int_equal(answer(f), 4);
	assert_memory_equal(front_mem(&f->front, FRONT_BUF + 64), "more", 4);
	assert_non_null(strstr(f->said, "again"));
}

static void a_source_that_cannot_be_opened_is_tried_again(void **state)
{
	struct fixture *f = *state;
	const char *first;
	FILE *file;

	make_file_device(f, "");
	unlink(f->path);
	start(f, FRONT_FEATURES);
	offer(f, 0, FRONT_BUF, 64);
	kick(f);
	first = strstr(f->said, "cannot open");
	assert_non_null(first);
	for (uint64_t end = vrng_now() + 400 * MS; vrng_now() < end;)
		loop_step(&f->loop, 10);
	/* tried, yet said once */
	assert_null(strstr(first + 1, "cannot open"));
	file = fopen(f->path, "w");
	fputs("here", file);
	fclose(file);
	wait_for_answers(f, 1);
	assert_int_equal(answer(f), 4);
}

static void a_limit_holds_requests_back(void **state)
{
	const uint64_t began = __real_vrng_now();
	struct fixture *f = *state;

	make_device(f, DRBG, 640, 100 * MS);
	start(f, FRONT_FEATURES);
	for (uint16_t i = 0; i < NUM; i++)
		offer(f, i, FRONT_BUF, 64);
	fake_now = began;
	assert_int_equal(front_kick(&f->front), 0);
	/* 25 slices a period: one every 4 ms, of 25 or 26 bytes */
	for (uint16_t i = 1; i <= NUM; i++) {
		wait_for_answers(f, i);
		/* however often the device looks meanwhile */
		for (int looks = 0; looks < 10; looks++)
			loop_step(&f->loop, 0);
		assert_int_equal(answers(f), i);
		assert_int_equal(f->metrics.bytes, 640 * i / 25);
		fake_now = began + i * 4 * MS;
	}
}

/* It has been worth to look on, and is not any more: a kick is asked for. */
static void looking_on_ends_with_asking_for_a_kick(void **state)
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

/* Each page that bytes went to, before the guest hears of them. */
static void what_a_guest_is_given_while_it_migrates_is_marked(void **state)
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
		T(the_stream_arrives_byte_by_byte_in_order),
		T(a_chain_is_filled_across_segments_and_regions),
		T(what_is_handed_on_is_wiped_here),
		T(malformed_requests_get_nothing_and_cost_no_byte),
		T(a_ring_of_loops_does_not_spin),
		T(a_broken_ring_is_left_alone_until_set_up_anew),
		T(a_kick_before_enable_is_not_lost),
		T(requests_there_before_the_device_need_no_kick),
		T(nothing_is_written_after_disable),
		T(a_request_waits_for_a_slow_source),
		T(a_short_answer_leaves_the_rest_alone),
		T(a_stopped_ring_gets_nothing_from_a_source_that_wakes),
		T(the_stream_goes_on_over_stop_and_start),
		T(the_next_guest_is_served_and_sees_no_byte_twice),
		T(a_guest_whose_memory_is_truncated_is_dropped_alone),
		T(a_kick_descriptor_that_ends_does_not_spin),
		T(a_kick_by_socket_is_taken),
		T(a_kick_descriptor_nobody_can_wait_for_is_refused),
		T(the_source_is_open_only_while_a_guest_uses_it),
		T(at_its_end_a_source_starves_the_guest_and_may_grow),
		T(a_source_that_cannot_be_opened_is_tried_again),
		T(a_limit_holds_requests_back),
		T(looking_on_ends_with_asking_for_a_kick),
		T(what_a_guest_is_given_while_it_migrates_is_marked),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("rng", tests, NULL, NULL);
}
