// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "tests/device/vhost-user-rng/fault.h"
#include "tests/device/entropy/request_buffer.h"
#include "tests/device/vhost-user-rng/backend.h"
#include "rngd/base/log.h"
#include "tests/device/vhost-user-rng/metrics.h"
#include "tests/device/vhost-user/event_fd.h"
#include "tests/device/vhost-user/session.h"
#include "tests/device/vhost-user/vring.h"

/* Why a batch ended. */
enum fill {
	FILL_EMPTY, /* no more requests */
	FILL_DRY, /* no bytes now: the request buffer tells when to go on */
	FILL_BUDGET, /* enough for one batch */
	FILL_BROKEN, /* the guest broke the ring's rules */
	FILL_HELD, /* a fault holds the request back */
	FILL_DROPPED, /* a fault ends the connection */
};

/* ---- faults on purpose ---- */

static void fault_over(struct backend *backend)
{
	const char *kind = faults_done(backend->faults);

	if (kind)
		vrng_log_line(backend->log, "fault: %s, for the first time",
			      kind);
}

/* Call before a request is answered. FILL_EMPTY: answer it. */
static enum fill fault_ask(struct backend *backend)
{
	if (!backend->faults)
		return FILL_EMPTY;
	switch (faults_ask(backend->faults, vrng_now())) {
	case FAULT_HOLD:
		return FILL_HELD;
	case FAULT_DROP:
		fault_over(backend);
		return FILL_DROPPED;
	default:
		return FILL_EMPTY;
	}
}

/* As virtq_done(), with the answer that the faults make of @len. */
static void fault_done(struct backend *backend, uint32_t len)
{
	const struct fault_request req = { .asked = backend->request.bytes,
					   .num = backend->vq->num,
					   .idle = virtq_idle_id(backend->vq) };
	struct fault_answer answer = { .id = backend->request.head,
				       .len = len,
				       .times = 1 };

	faults_answer(backend->faults, &req, &answer);
	while (answer.times--)
		virtq_answer(backend->vq, &backend->request, answer.id,
			     answer.len);
	virtq_skip(backend->vq, &backend->request);
	backend->spurious += answer.interrupts;
	fault_over(backend);
}

/* ---- filling requests ---- */

static void scatter(const struct virtq_request *req, const unsigned char *from,
		    size_t len)
{
	for (unsigned int i = 0; len && i < req->segments; i++) {
		size_t n = req->segment[i].iov_len;

		if (n > len)
			n = len;
		memcpy(req->segment[i].iov_base, from, n);
		from += n;
		len -= n;
	}
}

static void say_malformed(struct backend *backend, const char *fault)
{
	metrics_add(&backend->metrics->malformed, 1);
	if (!backend->said_malformed)
		vrng_log_line(backend->log,
			      "guest: %s; such requests get nothing", fault);
	backend->said_malformed = true;
}

static void note_fork(struct backend *backend)
{
	const uint64_t forks = backend->buffer->forks;

	if (backend->metrics->forks == forks)
		return;
	metrics_add(&backend->metrics->forks, forks - backend->metrics->forks);
	vrng_log_line(backend->log, "this host was cloned: bytes that were "
				    "held for the guest are dropped");
}

/*
 * Copy @n bytes into the request, and wipe them before the guest is told. False: the
 * machine was forked meanwhile, so they are overwritten and do not count.
 */
static bool give(struct backend *backend, unsigned char *bytes, size_t n,
		 uint64_t now)
{
	bool is_void;

	if (backend->faults)
		faults_give(backend->faults, bytes, n);
	scatter(&backend->request, bytes, n);
	virtq_wrote(backend->vq, &backend->request, n);
	is_void = request_buffer_is_void(backend->buffer);
	note_fork(backend);
	if (is_void)
		scatter(&backend->request, bytes, n); /* zeros now */
	else
		request_buffer_take(backend->buffer, n, now);
	return !is_void;
}

/* As request_buffer_peek(), and give the bytes. */
static ssize_t draw(struct backend *backend, uint64_t now)
{
	unsigned char *bytes;
	ssize_t n;

	do {
		n = request_buffer_peek(backend->buffer, &bytes,
					backend->request.bytes, now);
	} while (n > 0 && !give(backend, bytes, (size_t)n, now));
	return n;
}

/* Answer @backend->request: its bytes (> 0), 0 if malformed, or -EAGAIN. */
static ssize_t answer(struct backend *backend)
{
	struct virtq_request *req = &backend->request;
	ssize_t n = 0;

	if (req->fault)
		say_malformed(backend, req->fault);
	else
		n = draw(backend, vrng_now());
	if (n < 0)
		return n;
	if (backend->faults)
		fault_done(backend, (uint32_t)n);
	else
		virtq_done(backend->vq, req, (uint32_t)n);
	metrics_add(&backend->metrics->requests, 1);
	metrics_add(&backend->metrics->bytes, (uint64_t)n);
	return n;
}

static void spend(size_t *budget, size_t cost)
{
	*budget -= cost < *budget ? cost : *budget;
}

static enum fill fill_batch(struct backend *backend, size_t *budget)
{
	while (*budget) {
		ssize_t n = virtq_peek(backend->vq, &backend->request);
		enum fill fault;

		if (n <= 0)
			return n ? FILL_BROKEN : FILL_EMPTY;
		fault = fault_ask(backend);
		if (fault)
			return fault;
		n = answer(backend);
		if (n < 0)
			return FILL_DRY;
		backend->idle_kicks = 0;
		spend(budget, BACKEND_REQUEST_COST +
				      BACKEND_DESC_COST *
					      (size_t)backend->request.walked +
				      (size_t)n);
	}
	return FILL_BUDGET;
}

static void publish(struct backend *backend)
{
	if (virtq_publish(backend->vq) && session_signal(backend->session))
		metrics_add(&backend->metrics->signals, 1);
	for (; backend->spurious; backend->spurious--)
		session_signal(backend->session);
}

/* The request waits no more. */
static void waits_not(struct backend *backend)
{
	metrics_set(&backend->metrics->is_dry, 0);
	metrics_set(&backend->metrics->is_throttled, 0);
}

static void count_wait(struct backend *backend)
{
	struct metrics *m = backend->metrics;

	metrics_add(backend->buffer->limited ? &m->throttled : &m->dry, 1);
	metrics_set(backend->buffer->limited ? &m->is_throttled : &m->is_dry,
		    1);
}

static void wait_for_bytes(struct backend *backend)
{
	count_wait(backend);
	if (backend->buffer->wait_fd >= 0)
		loop_watch(backend->loop, &backend->source,
			   backend->buffer->wait_fd);
	loop_timer_set(backend->timer.fd, backend->buffer->again);
}

/* Leave the ring alone until the guest sets it up again. */
static void ring_broken(struct backend *backend)
{
	vrng_log_line(backend->log,
		      "guest: %s; its ring is left alone until it is reset",
		      backend->vq->broken);
	metrics_add(&backend->metrics->malformed, 1);
	backend->vq = NULL;
	session_ring_error(backend->session);
}

static void drop(struct backend *backend, const char *error)
{
	vrng_log_line(backend->log, "guest dropped: %s", error);
	backend_detach(backend);
	backend->gone(backend);
}

/*
 * Poll for the next request, if the last poll found one: see BACKEND_LOOK_NS.
 */
static bool poll_ring(struct backend *backend)
{
	uint64_t until;

	if (!backend->looks)
		return false;
	until = vrng_now() + BACKEND_LOOK_NS;
	do {
		if (virtq_waits(backend->vq))
			return true;
		sched_yield();
	} while (vrng_now() < until);
	backend->looks = false;
	return false;
}

/*
 * Costs a part of the budget, so that a guest cannot keep this going for ever.
 */
static bool goes_on(struct backend *backend, size_t *budget)
{
	spend(budget, BACKEND_REQUEST_COST);
	return (poll_ring(backend) || virtq_rearm(backend->vq)) && *budget;
}

/*
 * Answer a batch of requests, with one interrupt, and arrange for the next
 * call.
 */
static void serve(struct backend *backend)
{
	size_t budget = BACKEND_BATCH;
	enum fill end;

	loop_unwatch(backend->loop, &backend->source);
	waits_not(backend);
	do {
		end = fill_batch(backend, &budget);
		publish(backend);
	} while (end == FILL_EMPTY && goes_on(backend, &budget));
	backend->rests = vrng_now();
	if (end == FILL_DRY)
		wait_for_bytes(backend);
	else if (end == FILL_BROKEN)
		ring_broken(backend);
	else if (end == FILL_HELD)
		loop_timer_set(backend->timer.fd, backend->faults->release);
	else if (end == FILL_DROPPED)
		drop(backend, "a fault on purpose");
	else if (!budget)
		loop_timer_set(backend->timer.fd, 1); /* at once */
}

/* ---- the connection ---- */

static void serve_or_drop(struct backend *backend)
{
	if (backend->vq)
		serve(backend);
	if (backend->session && session_torn(backend->session))
		drop(backend, "its memory file was truncated");
}

static void on_conn(struct loop_watch *watch)
{
	struct backend *backend =
		VRNG_CONTAINER_OF(watch, struct backend, conn);
	struct vrng_error error;
	int err = session_receive(backend->session, &error);

	if (!err && session_torn(backend->session)) {
		drop(backend, "its memory file was truncated");
	} else if (err == -ECONNRESET) {
		backend_detach(backend);
		vrng_log_line(backend->log, "guest gone");
		backend->gone(backend);
	} else if (err) {
		drop(backend, error.text);
	}
}

static void listen_to_kicks(struct backend *backend)
{
	if (backend->kick.fd < 0 && backend->kick_fd >= 0)
		loop_watch(backend->loop, &backend->kick, backend->kick_fd);
}

/* The timer goes on with what else it was set for: on_timer() looks at all. */
static void ignore_kicks(struct backend *backend)
{
	backend->idle_kicks = 0;
	loop_unwatch(backend->loop, &backend->kick);
	loop_timer_set(backend->timer.fd, vrng_now() + BACKEND_IDLE_NS);
}

static void on_kick(struct loop_watch *watch)
{
	struct backend *backend =
		VRNG_CONTAINER_OF(watch, struct backend, kick);

	switch (event_fd_take(watch->fd)) {
	case EVENT_FD_END:
		vrng_log_line(backend->log,
			      "guest: its kick descriptor was closed");
		loop_unwatch(backend->loop, watch);
		backend->kick_fd = -1;
		break;
	case EVENT_FD_SOME:
		metrics_add(&backend->metrics->kicks, 1);
		break;
	case EVENT_FD_NONE:
		break;
	}
	if (vrng_now() - backend->rests < BACKEND_LOOK_NS)
		backend->looks = true;
	backend->idle_kicks++;
	serve_or_drop(backend);
	if (backend->idle_kicks >= BACKEND_IDLE_KICKS)
		ignore_kicks(backend);
}

static void on_timer(struct loop_watch *watch)
{
	struct backend *backend =
		VRNG_CONTAINER_OF(watch, struct backend, timer);

	loop_timer_clear(watch->fd);
	listen_to_kicks(backend);
	serve_or_drop(backend);
}

static void on_source(struct loop_watch *watch)
{
	struct backend *backend =
		VRNG_CONTAINER_OF(watch, struct backend, source);

	loop_unwatch(backend->loop, watch);
	serve_or_drop(backend);
}

/* ---- called by the session ---- */

static int ring_start(void *device, struct virtq *vq, int kick)
{
	struct backend *backend = device;
	int err = loop_watch(backend->loop, &backend->kick, kick);

	if (err)
		return err;
	backend->kick_fd = kick;
	backend->idle_kicks = 0;
	if (!backend->started)
		vrng_log_line(backend->log, "guest started: a ring of %u",
			      vq->num);
	backend->started = true;
	request_buffer_open(backend->buffer, vrng_now());
	backend->vq = vq;
	loop_timer_set(backend->timer.fd, 1); /* at once: a kick may be past */
	return 0;
}

static void ring_stop(void *device)
{
	struct backend *backend = device;

	backend->vq = NULL;
	backend->kick_fd = -1;
	waits_not(backend);
	loop_unwatch(backend->loop, &backend->kick);
	loop_unwatch(backend->loop, &backend->source);
	loop_timer_set(backend->timer.fd, 0);
}

static const struct vring_ops ops = {
	.ring_start = ring_start,
	.ring_stop = ring_stop,
};

static int attach(struct backend *backend, int sock, const char *said)
{
	int err;

	backend->started = false;
	backend->spurious = 0;
	backend->said_malformed = false;
	backend->session =
		session_new(sock, backend->offers, &ops, backend, backend->log);
	if (!backend->session)
		return -ENOMEM;
	err = loop_watch(backend->loop, &backend->conn, sock);
	if (err) {
		backend_detach(backend);
		return err;
	}
	metrics_add(&backend->metrics->guests, 1);
	metrics_set(&backend->metrics->is_connected, 1);
	vrng_log_line(backend->log, "%s", said);
	return 0;
}

int backend_attach(struct backend *backend, int sock)
{
	return attach(backend, sock, "guest connected");
}

int backend_take_over(struct backend *backend, int sock, struct transcript *t)
{
	struct vrng_error error = { "" };
	int err = attach(backend, sock, "guest taken over");

	if (err) {
		vrng_log_line(backend->log, "guest refused: %s",
			      strerror(-err));
		return err;
	}
	err = session_replay(backend->session, t, &error);
	if (!err)
		return 0;
	vrng_log_line(backend->log, "guest dropped: %s", error.text);
	backend_detach(backend);
	return err;
}

int backend_save(struct backend *backend, struct transcript *t)
{
	const int err = session_save(backend->session, t);

	return err ? err : session_socket(backend->session);
}

void backend_expect_message(struct backend *backend)
{
	if (backend->session && !session_spoke(backend->session))
		drop(backend, "it has sent no message in time");
}

void backend_again(struct backend *backend)
{
	if (backend->vq)
		loop_timer_set(backend->timer.fd, 1);
}

void backend_detach(struct backend *backend)
{
	loop_unwatch(backend->loop, &backend->conn);
	session_free(backend->session);
	backend->session = NULL;
	metrics_set(&backend->metrics->is_connected, 0);
	request_buffer_close(backend->buffer);
}

/* ---- the device ---- */

int backend_init(struct backend *backend, struct vrng_error *error)
{
	int timer, err;

	backend->session = NULL;
	backend->vq = NULL;
	backend->kick_fd = -1;
	backend->conn = (struct loop_watch)LOOP_WATCH(on_conn);
	backend->kick = (struct loop_watch)LOOP_WATCH(on_kick);
	backend->timer = (struct loop_watch)LOOP_WATCH(on_timer);
	backend->source = (struct loop_watch)LOOP_WATCH(on_source);
	timer = loop_timer();
	if (timer < 0)
		return vrng_fail(error, -timer, "timer: %s", strerror(-timer));
	err = loop_watch(backend->loop, &backend->timer, timer);
	if (!err)
		return 0;
	close(timer);
	return vrng_fail(error, -err, "timer: %s", strerror(-err));
}

void backend_done(struct backend *backend)
{
	int timer = backend->timer.fd;

	backend_detach(backend);
	loop_unwatch(backend->loop, &backend->timer);
	close(timer);
}
