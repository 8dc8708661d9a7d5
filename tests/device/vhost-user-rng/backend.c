// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "tests/device/vhost-user-rng/fault.h"
#include "tests/device/entropy/request_buffer.h"
#include "tests/device/vhost-user-rng/backend.h"
#include "rngd/base/log.h"
#include "tests/device/vhost-user-rng/metrics.h"
#include "tests/device/vhost-user/session.h"
#include "tests/device/vhost-user/vring.h"

#define RNG_OF(watch, member)                                                \
	((struct backend *)(void *)((char *)(watch)-offsetof(struct backend, \
							     member)))

/* Why a batch ended. */
enum fill {
	FILL_EMPTY, /* no more requests */
	FILL_DRY, /* the feed says when to go on */
	FILL_BUDGET,
	FILL_BROKEN,
	FILL_HELD, /* a fault says when to go on */
	FILL_DROPPED, /* a fault says that there is no going on */
};

/* ---- faults on purpose ---- */

static void fault_over(struct backend *backend)
{
	const char *kind = faults_done(backend->faults);

	if (kind)
		vrng_log_line(backend->log, "fault: %s, for the first time",
			      kind);
}

/* Before a request is answered; FILL_EMPTY: there is nothing against it. */
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

/* As virtq_done(), but for what the faults make of it. */
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

/* Into the request in hand; they are wiped here before anybody hears of them. */
static void give(struct backend *backend, unsigned char *bytes, size_t n,
		 uint64_t now)
{
	if (backend->faults)
		faults_give(backend->faults, bytes, n);
	scatter(&backend->request, bytes, n);
	virtq_wrote(backend->vq, &backend->request, n);
	request_buffer_take(backend->buffer, n, now);
}

/* The request in rng->request: its bytes (> 0), 0 if malformed, -EAGAIN. */
static ssize_t answer(struct backend *backend)
{
	struct virtq_request *req = &backend->request;
	uint64_t now = vrng_now();
	unsigned char *bytes;
	ssize_t n = 0;

	if (req->fault)
		say_malformed(backend, req->fault);
	else
		n = request_buffer_peek(backend->buffer, &bytes, req->bytes,
					now);
	if (n < 0)
		return n;
	if (n)
		give(backend, bytes, (size_t)n, now);
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
		spend(budget, BACKEND_REQUEST_COST + (size_t)n);
	}
	return FILL_BUDGET;
}

static void publish(struct backend *backend)
{
	if (virtq_publish(backend->vq) && session_signal(backend->vu))
		metrics_add(&backend->metrics->signals, 1);
	for (; backend->spurious; backend->spurious--)
		session_signal(backend->vu);
}

static void wait_for_feed(struct backend *backend)
{
	if (backend->buffer->wait_fd >= 0)
		loop_watch(backend->loop, &backend->source,
			   backend->buffer->wait_fd);
	loop_timer_set(backend->timer.fd, backend->buffer->again);
}

/* Nothing more is done with the ring until the guest sets it up anew. */
static void ring_broken(struct backend *backend)
{
	vrng_log_line(backend->log,
		      "guest: %s; its ring is left alone until it is reset",
		      backend->vq->broken);
	metrics_add(&backend->metrics->malformed, 1);
	backend->vq = NULL;
	session_ring_error(backend->vu);
}

static void drop(struct backend *backend, const char *error)
{
	vrng_log_line(backend->log, "guest dropped: %s", error);
	backend_detach(backend);
	backend->gone(backend);
}

/* Is there more, so soon that going to sleep and being kicked takes longer? */
static bool look_on(struct backend *backend)
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

/* Each look costs something, so that a ring that flickers is left some time. */
static bool goes_on(struct backend *backend, size_t *budget)
{
	spend(budget, BACKEND_REQUEST_COST);
	return (look_on(backend) || virtq_rearm(backend->vq)) && *budget;
}

/* Answer what there is; one signal a batch; see to it that we are called again */
static void serve(struct backend *backend)
{
	size_t budget = BACKEND_BATCH;
	enum fill end;

	loop_unwatch(backend->loop, &backend->source);
	do {
		end = fill_batch(backend, &budget);
		publish(backend);
	} while (end == FILL_EMPTY && goes_on(backend, &budget));
	backend->rests = vrng_now();
	if (end == FILL_DRY)
		wait_for_feed(backend);
	else if (end == FILL_BROKEN)
		ring_broken(backend);
	else if (end == FILL_HELD)
		loop_timer_set(backend->timer.fd, backend->faults->release);
	else if (end == FILL_DROPPED)
		drop(backend, "a fault on purpose");
	else if (!budget)
		loop_timer_set(backend->timer.fd, 1); /* long past: at once */
}

/* ---- the connection ---- */

static void serve_or_drop(struct backend *backend)
{
	if (backend->vq)
		serve(backend);
	if (backend->vu && session_torn(backend->vu))
		drop(backend, "its memory file was truncated");
}

static void on_conn(struct loop_watch *watch)
{
	struct backend *backend = RNG_OF(watch, conn);
	struct vrng_error error;
	int err = session_receive(backend->vu, &error);

	if (!err && session_torn(backend->vu)) {
		drop(backend, "its memory file was truncated");
	} else if (err == -ECONNRESET) {
		backend_detach(backend);
		vrng_log_line(backend->log, "guest gone");
		backend->gone(backend);
	} else if (err) {
		drop(backend, error.text);
	}
}

/*
 * An eventfd gives the number of kicks since the last look. Anything else that
 * a front end hands us only has to be emptied.
 */
static void on_kick(struct loop_watch *watch)
{
	struct backend *backend = RNG_OF(watch, kick);
	uint64_t kicks = 0;
	ssize_t n = read(watch->fd, &kicks, sizeof(kicks));

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		vrng_log_line(backend->log,
			      "guest: its kick descriptor was closed");
		loop_unwatch(backend->loop, watch);
	}
	if (n == sizeof(kicks))
		metrics_add(&backend->metrics->kicks, kicks);
	if (vrng_now() - backend->rests < BACKEND_LOOK_NS)
		backend->looks = true;
	serve_or_drop(backend);
}

static void on_timer(struct loop_watch *watch)
{
	struct backend *backend = RNG_OF(watch, timer);

	loop_timer_clear(watch->fd);
	serve_or_drop(backend);
}

static void on_source(struct loop_watch *watch)
{
	struct backend *backend = RNG_OF(watch, source);

	loop_unwatch(backend->loop, watch);
	serve_or_drop(backend);
}

/* ---- what the protocol tells ---- */

static int ring_start(void *device, struct virtq *vq, int kick)
{
	struct backend *backend = device;
	int err = loop_watch(backend->loop, &backend->kick, kick);

	if (err)
		return err;
	if (!backend->started)
		vrng_log_line(backend->log, "guest started: a ring of %u",
			      vq->num);
	backend->started = true;
	request_buffer_open(backend->buffer, vrng_now());
	backend->vq = vq;
	loop_timer_set(backend->timer.fd, 1); /* look at it at once */
	return 0;
}

static void ring_stop(void *device)
{
	struct backend *backend = device;

	backend->vq = NULL;
	loop_unwatch(backend->loop, &backend->kick);
	loop_unwatch(backend->loop, &backend->source);
	loop_timer_set(backend->timer.fd, 0);
}

static const struct vring_ops ops = {
	.ring_start = ring_start,
	.ring_stop = ring_stop,
};

int backend_attach(struct backend *backend, int sock)
{
	int err;

	backend->started = false;
	backend->spurious = 0;
	backend->said_malformed = false;
	backend->vu = session_new(sock, backend->resumable, &ops, backend,
				  backend->log);
	if (!backend->vu)
		return -ENOMEM;
	err = loop_watch(backend->loop, &backend->conn, sock);
	if (err) {
		backend_detach(backend);
		return err;
	}
	metrics_add(&backend->metrics->guests, 1);
	vrng_log_line(backend->log, "guest connected");
	return 0;
}

void backend_detach(struct backend *backend)
{
	loop_unwatch(backend->loop, &backend->conn);
	session_free(backend->vu);
	backend->vu = NULL;
	request_buffer_close(backend->buffer);
}

/* ---- the device ---- */

int backend_init(struct backend *backend, struct vrng_error *error)
{
	int timer, err;

	backend->vu = NULL;
	backend->vq = NULL;
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
