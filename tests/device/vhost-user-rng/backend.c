// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "tests/device/vhost-user-rng/fault.h"
#include "tests/device/entropy/request_buffer.h"
#include "tests/device/vhost-user-rng/backend.h"
#include "tests/device/runtime/log.h"
#include "tests/device/vhost-user-rng/stats.h"
#include "tests/device/vhost-user/session.h"

#define RNG_OF(watch, member) \
	((struct rng *)(void *)((char *)(watch)-offsetof(struct rng, member)))

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

static void fault_over(struct rng *rng)
{
	const char *kind = faults_done(rng->faults);

	if (kind)
		say(rng->say, "fault: %s, for the first time", kind);
}

/* Before a request is answered; FILL_EMPTY: there is nothing against it. */
static enum fill fault_ask(struct rng *rng)
{
	if (!rng->faults)
		return FILL_EMPTY;
	switch (faults_ask(rng->faults, loop_now())) {
	case FAULT_HOLD:
		return FILL_HELD;
	case FAULT_DROP:
		fault_over(rng);
		return FILL_DROPPED;
	default:
		return FILL_EMPTY;
	}
}

/* As virtq_done(), but for what the faults make of it. */
static void fault_done(struct rng *rng, uint32_t len)
{
	const struct fault_request req = { .asked = rng->request.bytes,
					   .num = rng->vq->num,
					   .idle = virtq_idle_id(rng->vq) };
	struct fault_answer answer = { .id = rng->request.head,
				       .len = len,
				       .times = 1 };

	faults_answer(rng->faults, &req, &answer);
	while (answer.times--)
		virtq_answer(rng->vq, &rng->request, answer.id, answer.len);
	virtq_skip(rng->vq, &rng->request);
	rng->spurious += answer.interrupts;
	fault_over(rng);
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

static void say_malformed(struct rng *rng, const char *fault)
{
	stats_add(&rng->stats->malformed, 1);
	if (!rng->said_malformed)
		say(rng->say, "guest: %s; such requests get nothing", fault);
	rng->said_malformed = true;
}

/* Into the request in hand; they are wiped here before anybody hears of them. */
static void give(struct rng *rng, unsigned char *bytes, size_t n, uint64_t now)
{
	if (rng->faults)
		faults_give(rng->faults, bytes, n);
	scatter(&rng->request, bytes, n);
	virtq_wrote(rng->vq, &rng->request, n);
	feed_take(rng->feed, n, now);
}

/* The request in rng->request: its bytes (> 0), 0 if malformed, -EAGAIN. */
static ssize_t answer(struct rng *rng)
{
	struct virtq_request *req = &rng->request;
	uint64_t now = loop_now();
	unsigned char *bytes;
	ssize_t n = 0;

	if (req->fault)
		say_malformed(rng, req->fault);
	else
		n = feed_peek(rng->feed, &bytes, req->bytes, now);
	if (n < 0)
		return n;
	if (n)
		give(rng, bytes, (size_t)n, now);
	if (rng->faults)
		fault_done(rng, (uint32_t)n);
	else
		virtq_done(rng->vq, req, (uint32_t)n);
	stats_add(&rng->stats->requests, 1);
	stats_add(&rng->stats->bytes, (uint64_t)n);
	return n;
}

static void spend(size_t *budget, size_t cost)
{
	*budget -= cost < *budget ? cost : *budget;
}

static enum fill fill_batch(struct rng *rng, size_t *budget)
{
	while (*budget) {
		ssize_t n = virtq_peek(rng->vq, &rng->request);
		enum fill fault;

		if (n <= 0)
			return n ? FILL_BROKEN : FILL_EMPTY;
		fault = fault_ask(rng);
		if (fault)
			return fault;
		n = answer(rng);
		if (n < 0)
			return FILL_DRY;
		spend(budget, RNG_REQUEST_COST + (size_t)n);
	}
	return FILL_BUDGET;
}

static void publish(struct rng *rng)
{
	if (virtq_publish(rng->vq) && vhost_user_signal(rng->vu))
		stats_add(&rng->stats->signals, 1);
	for (; rng->spurious; rng->spurious--)
		vhost_user_signal(rng->vu);
}

static void wait_for_feed(struct rng *rng)
{
	if (rng->feed->wait_fd >= 0)
		loop_watch(rng->loop, &rng->source, rng->feed->wait_fd);
	loop_timer_set(rng->timer.fd, rng->feed->again);
}

/* Nothing more is done with the ring until the guest sets it up anew. */
static void ring_broken(struct rng *rng)
{
	say(rng->say, "guest: %s; its ring is left alone until it is reset",
	    rng->vq->broken);
	stats_add(&rng->stats->malformed, 1);
	rng->vq = NULL;
	vhost_user_ring_error(rng->vu);
}

static void drop(struct rng *rng, const char *why)
{
	say(rng->say, "guest dropped: %s", why);
	rng_detach(rng);
	rng->gone(rng);
}

/* Is there more, so soon that going to sleep and being kicked takes longer? */
static bool look_on(struct rng *rng)
{
	uint64_t until;

	if (!rng->looks)
		return false;
	until = loop_now() + RNG_LOOK_NS;
	do {
		if (virtq_waits(rng->vq))
			return true;
		sched_yield();
	} while (loop_now() < until);
	rng->looks = false;
	return false;
}

/* Each look costs something, so that a ring that flickers is left some time. */
static bool goes_on(struct rng *rng, size_t *budget)
{
	spend(budget, RNG_REQUEST_COST);
	return (look_on(rng) || virtq_rearm(rng->vq)) && *budget;
}

/* Answer what there is; one signal a batch; see to it that we are called again */
static void serve(struct rng *rng)
{
	size_t budget = RNG_BATCH;
	enum fill end;

	loop_unwatch(rng->loop, &rng->source);
	do {
		end = fill_batch(rng, &budget);
		publish(rng);
	} while (end == FILL_EMPTY && goes_on(rng, &budget));
	rng->rests = loop_now();
	if (end == FILL_DRY)
		wait_for_feed(rng);
	else if (end == FILL_BROKEN)
		ring_broken(rng);
	else if (end == FILL_HELD)
		loop_timer_set(rng->timer.fd, rng->faults->release);
	else if (end == FILL_DROPPED)
		drop(rng, "a fault on purpose");
	else if (!budget)
		loop_timer_set(rng->timer.fd, 1); /* long past: at once */
}

/* ---- the connection ---- */

static void serve_or_drop(struct rng *rng)
{
	if (rng->vq)
		serve(rng);
	if (rng->vu && vhost_user_torn(rng->vu))
		drop(rng, "its memory file was truncated");
}

static void on_conn(struct loop_watch *watch)
{
	struct rng *rng = RNG_OF(watch, conn);
	struct vrng_why why;
	int err = vhost_user_receive(rng->vu, &why);

	if (!err && vhost_user_torn(rng->vu)) {
		drop(rng, "its memory file was truncated");
	} else if (err == -ECONNRESET) {
		rng_detach(rng);
		say(rng->say, "guest gone");
		rng->gone(rng);
	} else if (err) {
		drop(rng, why.text);
	}
}

/*
 * An eventfd gives the number of kicks since the last look. Anything else that
 * a front end hands us only has to be emptied.
 */
static void on_kick(struct loop_watch *watch)
{
	struct rng *rng = RNG_OF(watch, kick);
	uint64_t kicks = 0;
	ssize_t n = read(watch->fd, &kicks, sizeof(kicks));

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		say(rng->say, "guest: its kick descriptor was closed");
		loop_unwatch(rng->loop, watch);
	}
	if (n == sizeof(kicks))
		stats_add(&rng->stats->kicks, kicks);
	if (loop_now() - rng->rests < RNG_LOOK_NS)
		rng->looks = true;
	serve_or_drop(rng);
}

static void on_timer(struct loop_watch *watch)
{
	struct rng *rng = RNG_OF(watch, timer);

	loop_timer_clear(watch->fd);
	serve_or_drop(rng);
}

static void on_source(struct loop_watch *watch)
{
	struct rng *rng = RNG_OF(watch, source);

	loop_unwatch(rng->loop, watch);
	serve_or_drop(rng);
}

/* ---- what the protocol tells ---- */

static int ring_start(void *device, struct virtq *vq, int kick)
{
	struct rng *rng = device;
	int err = loop_watch(rng->loop, &rng->kick, kick);

	if (err)
		return err;
	if (!rng->started)
		say(rng->say, "guest started: a ring of %u", vq->num);
	rng->started = true;
	feed_open(rng->feed, loop_now());
	rng->vq = vq;
	loop_timer_set(rng->timer.fd, 1); /* look at it at once */
	return 0;
}

static void ring_stop(void *device)
{
	struct rng *rng = device;

	rng->vq = NULL;
	loop_unwatch(rng->loop, &rng->kick);
	loop_unwatch(rng->loop, &rng->source);
	loop_timer_set(rng->timer.fd, 0);
}

static const struct vhost_user_ops ops = {
	.ring_start = ring_start,
	.ring_stop = ring_stop,
};

int rng_attach(struct rng *rng, int sock)
{
	int err;

	rng->started = false;
	rng->spurious = 0;
	rng->said_malformed = false;
	rng->vu = vhost_user_new(sock, rng->resumable, &ops, rng, rng->say);
	if (!rng->vu)
		return -ENOMEM;
	err = loop_watch(rng->loop, &rng->conn, sock);
	if (err) {
		rng_detach(rng);
		return err;
	}
	stats_add(&rng->stats->guests, 1);
	say(rng->say, "guest connected");
	return 0;
}

void rng_detach(struct rng *rng)
{
	loop_unwatch(rng->loop, &rng->conn);
	vhost_user_free(rng->vu);
	rng->vu = NULL;
	feed_close(rng->feed);
}

/* ---- the device ---- */

int rng_init(struct rng *rng, struct vrng_why *why)
{
	int timer, err;

	rng->vu = NULL;
	rng->vq = NULL;
	rng->conn = (struct loop_watch)LOOP_WATCH(on_conn);
	rng->kick = (struct loop_watch)LOOP_WATCH(on_kick);
	rng->timer = (struct loop_watch)LOOP_WATCH(on_timer);
	rng->source = (struct loop_watch)LOOP_WATCH(on_source);
	timer = loop_timer();
	if (timer < 0)
		return vrng_why(why, -timer, "timer: %s", strerror(-timer));
	err = loop_watch(rng->loop, &rng->timer, timer);
	if (!err)
		return 0;
	close(timer);
	return vrng_why(why, -err, "timer: %s", strerror(-err));
}

void rng_done(struct rng *rng)
{
	int timer = rng->timer.fd;

	rng_detach(rng);
	loop_unwatch(rng->loop, &rng->timer);
	close(timer);
}
