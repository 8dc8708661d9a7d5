/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fixture of tests of the vhost-user protocol: a front end driven by hand, a
 * session, and a stub device that only records when it may serve the ring.
 */
#ifndef PROTOCOL_RIG_H
#define PROTOCOL_RIG_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/front.h"
#include "rngd/base/log.h"
#include "tests/device/vhost-user/session.h"
#include "tests/device/vhost-user/vring.h"
#include "tests/device/virtqueue/virtq.h"
#include "tests/unit/fds.h"

#define NUM    16
#define ACKED  (VU_VERSION | VU_NEED_REPLY)
#define REPLY  (VU_VERSION | VU_REPLY)
#define BIT(n) (1ULL << (n))

struct fixture {
	struct front front;
	struct session *session;
	struct virtq *vq; /* while the device may serve the ring, else NULL */
	int kick;
	int starts;
	int stops;
	int start_error; /* to be returned by ring_start() */
	int said; /* lines */
	char last[256]; /* of these */
	struct vrng_log log;
	int fds; /* open descriptors before the case */
};

static inline int ring_start(void *device, struct virtq *vq, int kick)
{
	struct fixture *f = device;

	assert_null(f->vq);
	if (f->start_error)
		return f->start_error;
	f->vq = vq;
	f->kick = kick;
	f->starts++;
	return 0;
}

static inline void ring_stop(void *device)
{
	struct fixture *f = device;

	assert_non_null(f->vq);
	f->vq = NULL;
	f->stops++;
}

static const struct vring_ops ops = { ring_start, ring_stop };

static inline void count_line(const struct vrng_log *log,
			      enum vrng_log_level level, const char *text)
{
	struct fixture *f = log->opaque;

	(void)level;
	assert_null(strchr(text, '\n'));
	f->said++;
	strncpy(f->last, text, sizeof(f->last) - 1);
}

/* Connect the front end to a new session. */
static inline void connect_front(struct fixture *f, unsigned int flags)
{
	int pair[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	f->front.sock = pair[0];
	f->session = session_new(pair[1], flags, &ops, f, &f->log);
	assert_non_null(f->session);
}

static inline void disconnect_front(struct fixture *f)
{
	session_free(f->session);
	close(f->front.sock);
}

static inline int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.log = (struct vrng_log){ .sink = count_line, .opaque = &f };
	f.fds = fds_open();
	if (front_init(&f.front, NUM))
		return -1;
	connect_front(&f, 0);
	*state = &f;
	return 0;
}

/* Each case also checks that no descriptor is left open. */
static inline int teardown(void **state)
{
	struct fixture *f = *state;

	session_free(f->session);
	front_done(&f->front);
	return fds_left(f->fds);
}

/* Let the session take all that was sent. Returns 0 while it goes on. */
static inline int take(struct fixture *f)
{
	struct vrng_error error = { "" };
	int err = 0;

	for (int i = 0; i < 32 && !err; i++)
		err = session_receive(f->session, &error);
	if (err && err != -ECONNRESET)
		assert_true(error.text[0]);
	return err;
}

static inline void assert_no_reply(struct fixture *f)
{
	struct vu_message msg;

	assert_int_equal(front_reply(&f->front, &msg), -EAGAIN);
}

/* Exactly one reply has come, of a u64, with the flags of a reply. Returns it. */
static inline uint64_t reply_u64(struct fixture *f, uint32_t request)
{
	struct vu_message msg;

	assert_int_equal(front_reply(&f->front, &msg), 8);
	assert_int_equal(msg.header.request, request);
	assert_int_equal(msg.header.flags, REPLY);
	assert_no_reply(f);
	return msg.payload.u64;
}

/* Send a request without payload. Returns the u64 of its reply. */
static inline uint64_t get_u64(struct fixture *f, uint32_t request)
{
	assert_int_equal(front_send(&f->front, request, VU_VERSION, NULL, 0,
				    NULL, 0),
			 0);
	assert_int_equal(take(f), 0);
	return reply_u64(f, request);
}

/* Send a message with need_reply. Returns the value of the ack. */
static inline uint64_t acked(struct fixture *f, uint32_t request,
			     const void *payload, size_t size, const int *fds,
			     unsigned int nfds)
{
	assert_int_equal(front_send(&f->front, request, ACKED, payload, size,
				    fds, nfds),
			 0);
	assert_int_equal(take(f), 0);
	return reply_u64(f, request);
}

static inline void start_ring(struct fixture *f, uint64_t features)
{
	assert_int_equal(front_send_ring(&f->front, features, 0), 0);
	if (features & BIT(VU_F_PROTOCOL))
		front_send_state(&f->front, VU_SET_VRING_ENABLE, 0, 1);
	assert_int_equal(take(f), 0);
	assert_no_reply(f);
}

/* Stop the ring. Returns where it continues. */
static inline uint32_t base_of(struct fixture *f)
{
	struct vu_message msg;

	front_send_state(&f->front, VU_GET_VRING_BASE, 0, 0);
	assert_int_equal(take(f), 0);
	assert_int_equal(front_reply(&f->front, &msg), 8);
	return msg.payload.state.num;
}

#endif
