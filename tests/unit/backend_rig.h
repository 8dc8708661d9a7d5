/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole device with its source, its connection and its ring, in the test's own
 * thread, and a front end that the test drives by hand.
 */
#ifndef BACKEND_RIG_H
#define BACKEND_RIG_H

#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
	struct vrng_source *known; /* a second copy of the source's stream */
	struct request_buffer buffer;
	struct metrics metrics;
	struct backend backend;
	struct vrng_log log;
	char said[1024]; /* all lines logged */
	int gone;
	int fds;
	char dir[32];
	char path[64]; /* a FIFO or file in @dir, if the case makes one */
};

/*
 * The device's clock, if a case sets it; 0: the real one. The program is linked
 * with --wrap=vrng_now. Each call takes one microsecond, because the device may
 * poll the ring for some microseconds.
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

static inline void note_line(const struct vrng_log *log,
			     enum vrng_log_level level, const char *text)
{
	struct fixture *f = log->opaque;
	size_t used = strlen(f->said);

	(void)level;
	snprintf(f->said + used, sizeof(f->said) - used, "%s\n", text);
}

static inline void on_gone(struct backend *backend)
{
	struct fixture *f =
		(void *)((char *)backend - offsetof(struct fixture, backend));

	f->gone++;
}

/* Installs the SIGBUS handler here, because cmocka installs its own for each test. */
static inline void make_device(struct fixture *f, const char *spec,
			       uint64_t max, uint64_t period)
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

static inline void connect_front(struct fixture *f)
{
	int pair[2];

	if (f->front.sock >= 0)
		close(f->front.sock);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	f->front.sock = pair[0];
	assert_int_equal(backend_attach(&f->backend, pair[1]), 0);
}

static inline int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.fds = fds_open();
	f.log = (struct vrng_log){ .sink = note_line, .opaque = &f };
	strcpy(f.dir, "/tmp/vrng-backend_test.XXXXXX");
	if (!mkdtemp(f.dir) || front_init(&f.front, NUM) || loop_init(&f.loop))
		return -1;
	snprintf(f.path, sizeof(f.path), "%s/source", f.dir);
	*state = &f;
	return 0;
}

static inline int teardown(void **state)
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

/* Let the device do all that it can do without waiting. */
static inline void pump(struct fixture *f)
{
	for (int i = 0; i < 100000; i++)
		if (loop_step(&f->loop, 0) != 1)
			return;
	fail_msg("the device never becomes idle");
}

/* Number of answers that the guest has not taken yet. */
static inline uint16_t answers(const struct fixture *f)
{
	return (uint16_t)(le16toh(front_used(&f->front)->idx) - f->front.taken);
}

/* Wait for @n answers that the guest has not taken yet, for up to 5 s. */
static inline void wait_for_answers(struct fixture *f, uint16_t n)
{
	uint64_t end = __real_vrng_now() + 5000 * MS;

	while (answers(f) < n) {
		if (__real_vrng_now() > end)
			fail_msg("no answer within 5 s; device: %s", f->said);
		loop_step(&f->loop, 100);
	}
}

static inline void start_at(struct fixture *f, uint64_t features, uint16_t base)
{
	assert_int_equal(front_send_ring(&f->front, features, base), 0);
	front_send_state(&f->front, VU_SET_VRING_ENABLE, 0, 1);
	pump(f);
	assert_non_null(f->backend.vq);
}

static inline void start(struct fixture *f, uint64_t features)
{
	connect_front(f);
	start_at(f, features, 0);
}

static inline void offer(struct fixture *f, uint16_t i, uint64_t addr,
			 uint32_t len)
{
	front_desc(&f->front, i, addr, len, W, 0);
	front_offer(&f->front, i);
}

static inline void kick(struct fixture *f)
{
	assert_int_equal(front_kick(&f->front), 0);
	pump(f);
}

/* Take the next answer. Returns its length in bytes. */
static inline uint32_t answer(struct fixture *f)
{
	uint32_t id, len;

	assert_true(front_answer(&f->front, &id, &len));
	return len;
}

/* Take the next answer, if there is one. */
static inline bool answered(struct fixture *f)
{
	uint32_t id, len;

	return front_answer(&f->front, &id, &len);
}

static inline void known_stream(struct fixture *f)
{
	assert_int_equal(vrng_source_parse(&f->known, DRBG, &vrng_opener_plain,
					   NULL),
			 0);
	assert_int_equal(vrng_source_open(f->known, NULL), 0);
}

/* The @len bytes at guest address @addr are the next of the known stream. */
static inline void assert_stream(struct fixture *f, uint64_t addr, size_t len)
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

static inline bool is_zero(struct fixture *f, uint64_t addr, size_t len)
{
	const unsigned char *p = front_mem(&f->front, addr);

	for (size_t i = 0; i < len; i++)
		if (p[i])
			return false;
	return true;
}

#endif
