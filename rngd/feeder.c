// SPDX-License-Identifier: GPL-2.0-or-later
/* One source's way to the outlet: see feeder.h. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "rngd/checks/conditioner.h"
#include "rngd/checks/sequence.h"
#include "rngd/feeder.h"
#include "rngd/locked.h"
#include "rngd/sources/entropy.h"
#include "rngd/speed.h"
#include "vrng/health.h"

#define BLOCK VRNG_FIPS_BLOCK_BYTES

/* Blocks of one go: a kernel wants one at a time, a file as many as there are. */
#define BATCH_MAX  8
#define BATCH_SIZE ((size_t)BATCH_MAX * BLOCK)

/*
 * One bad block is chance. From the second in a row on, waits double from 100 ms
 * up to this (ms), so that a dead source costs next to nothing until the
 * sequential test has its verdict.
 */
#define BAD_FIRST 100
#define BAD_MAX	  1000

#define SUSPEND_MAX 3600 /* s */

/* The hwrng core may hold up to 63 bytes of before a fork: so many are dropped. */
#define DRAIN 64

/* For what sources call: resolvers want more than one would think. */
#define STACK_SIZE (256 * 1024)

struct rngd_feeder {
	struct rngd_feeder_setup setup;
	pthread_t thread;
	int wake_fd; /* readable: look at stop, and at the outlet */
	atomic_bool stop;

	/* The thread's own, until it has been joined. */
	struct vrng_keeper keeper;
	struct vrng_fips fips;
	struct vrng_health health;
	struct vrng_sequence sequence;
	struct vrng_conditioner *conditioner; /* of a raw source */
	uint8_t *buf; /* BATCH_SIZE, locked */
	size_t have; /* bytes in it */
	bool is_primed;
	bool is_ill; /* as told */
	unsigned int drain; /* bytes to drop before the next */
	unsigned int bad_in_a_row;
	unsigned int suspensions; /* in a row */
	bool was_fed;
	uint64_t fed_at; /* ms */
	uint64_t asked; /* as the outlet said when this block was begun */
	uint64_t forks;

	pthread_mutex_t lock; /* over status */
	struct rngd_feeder_status status;
};

static const char *name_of(const struct rngd_feeder *f)
{
	return vrng_source_name(f->setup.source);
}

static uint64_t now_ms(void)
{
	return vrng_now() / 1000000;
}

static bool is_raw(const struct rngd_feeder *f)
{
	return f->setup.entropy && f->setup.entropy < VRNG_ENTROPY_MAX;
}

/* ---------------------------------------------------------------- waiting */

static void take_wakes(struct rngd_feeder *f)
{
	uint64_t count;

	if (read(f->wake_fd, &count, sizeof(count)) < 0) {
		/* Nothing new: not an error. */
	}
}

/* Wait for @events of @fd, or @timeout ms, or a wake. False: stop. */
static bool wait_for(struct rngd_feeder *f, int fd, short events, int timeout)
{
	struct pollfd pfd[2] = {
		{ .fd = f->wake_fd, .events = POLLIN },
		{ .fd = fd, .events = events },
	};

	if (poll(pfd, 2, timeout) > 0 && pfd[0].revents)
		take_wakes(f);
	return !atomic_load(&f->stop);
}

/* @base doubled @times times, and at most @max. */
static unsigned int doubled(unsigned int base, unsigned int times,
			    unsigned int max)
{
	while (times-- && base < max)
		base *= 2;
	return base < max ? base : max;
}

/* Wait @ms. False: stop. */
static bool wait_ms(struct rngd_feeder *f, uint64_t ms)
{
	const uint64_t until = now_ms() + ms;
	uint64_t now;

	while ((now = now_ms()) < until)
		if (!wait_for(f, -1, 0, (int)(until - now)))
			return false;
	return !atomic_load(&f->stop);
}

/* True when what is held now is of before a VM fork. */
static bool was_forked(const struct rngd_feeder *f)
{
	return rngd_outlet_forks(f->setup.outlet) != f->forks;
}

/* Poll's timeout until @due, in ms from @now. */
static int until(uint64_t due, uint64_t now)
{
	if (due == VRNG_KEEPER_NEVER)
		return -1;
	if (due <= now)
		return 0;
	return due - now < INT32_MAX ? (int)(due - now) : INT32_MAX;
}

/* ---------------------------------------------------------------- counting */

static void set_state(struct rngd_feeder *f)
{
	pthread_mutex_lock(&f->lock);
	f->status.state = vrng_keeper_state(&f->keeper);
	pthread_mutex_unlock(&f->lock);
}

static void set_suspended(struct rngd_feeder *f, bool suspended)
{
	pthread_mutex_lock(&f->lock);
	f->status.suspended = suspended;
	if (suspended)
		f->status.stats.suspended++;
	pthread_mutex_unlock(&f->lock);
}

static void count_in(struct rngd_feeder *f, size_t bytes)
{
	pthread_mutex_lock(&f->lock);
	f->status.stats.bytes_in += bytes;
	f->status.state = vrng_keeper_state(&f->keeper);
	pthread_mutex_unlock(&f->lock);
}

static void count_out(struct rngd_feeder *f, size_t bytes, unsigned int bits)
{
	pthread_mutex_lock(&f->lock);
	f->status.stats.bytes_out += bytes;
	f->status.stats.bits += bits;
	pthread_mutex_unlock(&f->lock);
}

static void count_block(struct rngd_feeder *f, unsigned int failed, bool good)
{
	struct rngd_stats *stats = &f->status.stats;

	pthread_mutex_lock(&f->lock);
	stats->health = f->health.episodes;
	if (!is_raw(f))
		vrng_tally_add(&stats->tally, failed);
	if (good)
		stats->good++;
	else
		stats->bad++;
	pthread_mutex_unlock(&f->lock);
}

static void drop_held(struct rngd_feeder *f, size_t bytes)
{
	explicit_bzero(f->buf, BATCH_SIZE);
	pthread_mutex_lock(&f->lock);
	f->status.stats.dropped += bytes;
	pthread_mutex_unlock(&f->lock);
}

/* From vrng_keeper_read(), so in the thread. */
static void on_state(void *opaque, enum vrng_keeper_state state,
		     const char *text)
{
	struct rngd_feeder *f = opaque;
	bool ill = state != VRNG_KEEPER_FLOWS;
	bool changed = ill != f->is_ill;

	rngd_log(f->setup.log, ill ? RNGD_LOG_ERROR : RNGD_LOG_INFO, "%s",
		 text);
	pthread_mutex_lock(&f->lock);
	f->status.state = state;
	(void)snprintf(f->status.why, sizeof(f->status.why), "%s", text);
	pthread_mutex_unlock(&f->lock);
	f->is_ill = ill;
	if (f->setup.tell && changed)
		f->setup.tell(f->setup.opaque, ill, text);
}

/* ----------------------------------------------------------------- filling */

enum result {
	GO_ON,
	AGAIN, /* what was held is void: begin anew */
	STOP
};

static enum result wait_for_bytes(struct rngd_feeder *f)
{
	uint64_t now = now_ms();

	set_state(f);
	if (!wait_for(f, vrng_keeper_fd(&f->keeper), POLLIN,
		      until(vrng_keeper_due(&f->keeper), now)))
		return STOP;
	return was_forked(f) ? AGAIN : GO_ON;
}

/* Get on from *@have to @len, waiting as long as it takes. */
static enum result fill(struct rngd_feeder *f, size_t *have, size_t len)
{
	enum result result;
	ssize_t got;

	while (*have < len) {
		if (atomic_load(&f->stop))
			return STOP;
		got = vrng_keeper_read(&f->keeper, f->buf + *have, len - *have,
				       now_ms());
		if (got > 0) {
			*have += (size_t)got;
			count_in(f, (size_t)got);
			continue;
		}
		result = wait_for_bytes(f);
		if (result == AGAIN) {
			drop_held(f, *have);
			*have = 0;
		}
		if (result != GO_ON)
			return result;
	}
	return GO_ON;
}

/* One block, and of @n what there is without a wait. */
static enum result fill_blocks(struct rngd_feeder *f, unsigned int n)
{
	const size_t len = (size_t)n * BLOCK;
	enum result result = fill(f, &f->have, BLOCK);
	ssize_t got;

	while (result == GO_ON && f->have < len) {
		got = vrng_keeper_read(&f->keeper, f->buf + f->have,
				       len - f->have, now_ms());
		if (got <= 0)
			break;
		f->have += (size_t)got;
		count_in(f, (size_t)got);
	}
	return result;
}

/* What has been dealt with goes; what has begun to be a block stays. */
static void keep_rest(struct rngd_feeder *f, size_t done)
{
	size_t end = f->have;

	f->have -= done;
	memmove(f->buf, f->buf + done, f->have);
	explicit_bzero(f->buf + f->have, end - f->have);
}

static enum result drain(struct rngd_feeder *f)
{
	enum result result;
	size_t have = 0;

	if (!f->drain)
		return GO_ON;
	result = fill(f, &have, f->drain);
	if (result == GO_ON) {
		drop_held(f, f->drain);
		f->drain = 0;
	}
	return result;
}

/* FIPS 140-2 4.9.2: the first word is for comparison, and is not used. */
static enum result prime(struct rngd_feeder *f)
{
	enum result result;
	size_t have = 0;

	if (f->is_primed)
		return GO_ON;
	result = fill(f, &have, VRNG_FIPS_WORD_BYTES);
	if (result == GO_ON)
		vrng_fips_init(&f->fips, f->buf);
	f->is_primed = result == GO_ON;
	return result;
}

/* A VM fork: what is held, by whomever on the way here, is the clones' own. */
static void forget(struct rngd_feeder *f)
{
	vrng_keeper_close(&f->keeper);
	drop_held(f, f->have);
	f->have = 0;
	f->is_primed = false;
	f->drain = DRAIN;
	f->was_fed = false;
	f->forks = rngd_outlet_forks(f->setup.outlet);
}

/* --------------------------------------------------------------- suspension */

static bool suspend(struct rngd_feeder *f)
{
	unsigned int s =
		doubled(f->setup.suspend, f->suspensions++, SUSPEND_MAX);

	if (s < f->setup.suspend)
		s = f->setup.suspend;
	rngd_log(f->setup.log, RNGD_LOG_ERROR,
		 "%s: more bad blocks than chance allows: suspended for %u s; "
		 "check the device",
		 name_of(f), s);
	vrng_keeper_close(&f->keeper);
	set_suspended(f, true);
	f->sequence = (struct vrng_sequence){ 0 };
	f->bad_in_a_row = 0;
	f->is_primed = false;
	f->have = 0;
	return wait_ms(f, (uint64_t)s * 1000);
}

static void take_up(struct rngd_feeder *f)
{
	f->bad_in_a_row = 0;
	if (!f->status.suspended)
		return;
	set_suspended(f, false);
	rngd_log(f->setup.log, RNGD_LOG_INFO, "%s: passes its tests again",
		 name_of(f));
}

/* False: stop. */
static bool note_bad(struct rngd_feeder *f)
{
	f->bad_in_a_row++;
	if (vrng_sequence_add(&f->sequence, true) && !f->setup.ignore_failures)
		return suspend(f);
	if (f->bad_in_a_row < 2)
		return true;
	return wait_ms(f, doubled(BAD_FIRST, f->bad_in_a_row - 2, BAD_MAX));
}

/* ------------------------------------------------------------------ testing */

static void tell_block(struct rngd_feeder *f, bool healthy,
		       const struct vrng_fips_result *result)
{
	const struct vrng_fips_stats *s = &result->stats;

	rngd_log(f->setup.log, RNGD_LOG_DEBUG,
		 "%s: block %s (health %s, failed tests 0x%02x): ones %" PRIu32
		 ", poker %" PRIu32 ", longest run %" PRIu32
		 ", repeated words %" PRIu32,
		 name_of(f), healthy && !result->failed ? "passed" : "failed",
		 healthy ? "good" : "bad", result->failed, s->ones, s->poker,
		 s->longest, s->repeats);
}

/*
 * SP 800-90B on all samples. FIPS 140-2 is for sources that claim to be as good
 * as a generator: raw noise may be biased, that is what conditioning is for.
 */
static bool is_good(struct rngd_feeder *f, const uint8_t *block)
{
	bool healthy = vrng_health_pass(&f->health, block, BLOCK);
	struct vrng_fips_result result = { 0 };

	if (!is_raw(f))
		vrng_fips_check(&f->fips, block, &result);
	if (f->setup.log->debug)
		tell_block(f, healthy, &result);
	count_block(f, result.failed, healthy && !result.failed);
	return healthy && !result.failed;
}

/*
 * Test @n blocks and move the good ones together; how many those are. False in
 * *@go_on: stop.
 */
static unsigned int sift(struct rngd_feeder *f, unsigned int n, bool *go_on)
{
	unsigned int good = 0, i;

	*go_on = true;
	for (i = 0; i < n && *go_on; i++) {
		if (is_good(f, f->buf + (size_t)i * BLOCK)) {
			(void)vrng_sequence_add(&f->sequence, false);
			take_up(f);
			if (good != i)
				memcpy(f->buf + (size_t)good * BLOCK,
				       f->buf + (size_t)i * BLOCK, BLOCK);
			good++;
		} else {
			*go_on = note_bad(f);
			if (f->status.suspended)
				return 0;
		}
	}
	if (good && !f->status.suspended && f->sequence.ratio <= 0)
		f->suspensions = 0;
	return good;
}

/* ------------------------------------------------------------- handing over */

static enum result put(struct rngd_feeder *f, const uint8_t *buf, size_t len,
		       unsigned int bits, bool last)
{
	struct vrng_sink *sink = rngd_outlet_sink(f->setup.outlet);
	struct vrng_why why;
	unsigned int idle = 0;
	ssize_t done;

	while (len) {
		if (was_forked(f))
			return AGAIN;
		done = vrng_sink_put(sink, buf, len, bits, last, &why);
		if (done > 0) {
			count_out(f, (size_t)done, bits);
			buf += done;
			len -= (size_t)done;
			bits = 0; /* a kernel takes all at once */
			idle = 0;
			continue;
		}
		if (done != -EAGAIN) {
			rngd_outlet_end(f->setup.outlet, RNGD_SINK_FAILED,
					&why);
			return STOP;
		}
		/* Its word that it takes more is trusted once. */
		if (!wait_for(f, idle ? -1 : vrng_sink_fd(sink), POLLOUT,
			      idle ? (int)doubled(1, idle, 1000) : -1))
			return STOP;
		idle++;
	}
	return GO_ON;
}

/* What came as one block, in the form and with the credit that it has. */
static enum result hand_over_block(struct rngd_feeder *f, uint8_t *block)
{
	struct vrng_sink *sink = rngd_outlet_sink(f->setup.outlet);
	bool kernel = vrng_sink_type(sink) == VRNG_SINK_KERNEL;
	unsigned int bits = f->setup.entropy ? 8u * BLOCK : 0;
	int before = kernel && !f->was_fed ? vrng_sink_level(sink) : -1;
	enum result result;
	int len = BLOCK;

	if (is_raw(f))
		len = vrng_conditioner_run(f->conditioner, block, BLOCK,
					   f->setup.entropy, &bits);
	if (len < 0) {
		struct vrng_why why;

		vrng_why(&why, -len, "%s: conditioning failed: %m", name_of(f));
		rngd_outlet_end(f->setup.outlet, RNGD_SINK_FAILED, &why);
		return STOP;
	}
	if (!kernel)
		bits = 0;
	result = put(f, block, (size_t)len, bits, true);
	if (result == GO_ON)
		rngd_outlet_fed(f->setup.outlet, f->asked, 1, (unsigned int)len,
				bits, before);
	return result;
}

/* Blocks as they are, all at once, where nothing is done to them. */
static enum result hand_over_run(struct rngd_feeder *f, unsigned int n)
{
	enum result result = put(f, f->buf, (size_t)n * BLOCK, 0, true);

	if (result == GO_ON)
		rngd_outlet_fed(f->setup.outlet, f->asked, n, BLOCK, 0, -1);
	return result;
}

static enum result hand_over(struct rngd_feeder *f, unsigned int n)
{
	struct vrng_sink *sink = rngd_outlet_sink(f->setup.outlet);
	enum result result = GO_ON;
	unsigned int i;

	n = rngd_outlet_claim(f->setup.outlet, n);
	if (!n)
		return GO_ON;
	if (!is_raw(f) && vrng_sink_type(sink) != VRNG_SINK_KERNEL)
		result = hand_over_run(f, n);
	else
		for (i = 0; i < n && result == GO_ON; i++)
			result = hand_over_block(f, f->buf + (size_t)i * BLOCK);
	if (result == GO_ON) {
		f->fed_at = now_ms();
		f->was_fed = true;
	}
	return result;
}

/* ------------------------------------------------------------------ feeding */

/*
 * The sink may want something earlier than it says, but not later; and so may
 * somebody who asks.
 */
static bool wait_until_due(struct rngd_feeder *f)
{
	struct vrng_sink *sink = rngd_outlet_sink(f->setup.outlet);
	unsigned int ms;

	vrng_keeper_rest(&f->keeper);
	for (;;) {
		if (was_forked(f))
			forget(f);
		if (rngd_outlet_asked(f->setup.outlet) != f->asked)
			f->was_fed = false;
		ms = vrng_sink_due(sink, f->was_fed ? &f->fed_at : NULL,
				   now_ms());
		if (!ms)
			return !atomic_load(&f->stop);
		if (!wait_for(f, vrng_sink_fd(sink), POLLOUT, (int)ms))
			return false;
	}
}

static enum result one_batch(struct rngd_feeder *f, unsigned int n)
{
	enum result result = drain(f);
	unsigned int good;
	bool go_on;

	if (result == GO_ON)
		result = prime(f);
	if (result == GO_ON)
		result = fill_blocks(f, n);
	if (result != GO_ON)
		return result;
	n = (unsigned int)(f->have / BLOCK);
	good = sift(f, n, &go_on);
	if (!go_on)
		return STOP;
	if (good)
		result = hand_over(f, good);
	if (f->have)
		keep_rest(f, (size_t)n * BLOCK);
	return result;
}

static void feed(struct rngd_feeder *f)
{
	struct rngd_outlet *outlet = f->setup.outlet;
	bool kernel =
		vrng_sink_type(rngd_outlet_sink(outlet)) == VRNG_SINK_KERNEL;
	unsigned int n;

	while (wait_until_due(f)) {
		f->asked = rngd_outlet_asked(outlet);
		n = rngd_outlet_wanted(outlet, kernel ? 1 : BATCH_MAX);
		if (!n || one_batch(f, n) == STOP)
			return;
	}
}

static void *run(void *arg)
{
	struct rngd_feeder *f = arg;

	feed(f);
	explicit_bzero(f->buf, BATCH_SIZE);
	return NULL;
}

/* ---------------------------------------------------------------- control */

/* Does nothing, but a call that waits in the kernel returns EINTR. */
static void on_nudge(int signo)
{
	(void)signo;
}

static int allow_nudge(void)
{
	struct sigaction action;
	sigset_t set;

	memset(&action, 0, sizeof(action));
	action.sa_handler = on_nudge;
	if (sigaction(SIGUSR2, &action, NULL))
		return -errno;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return -pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void init_keeper(struct rngd_feeder *f)
{
	const struct vrng_keeper_setup setup = {
		.source = f->setup.source,
		.consequence = "nothing is taken from it until it works again",
		.tell = on_state,
		.opaque = f,
	};

	vrng_keeper_init(&f->keeper, &setup);
}

static int make(struct rngd_feeder **feeder,
		const struct rngd_feeder_setup *setup, struct vrng_why *why)
{
	struct rngd_feeder *f = calloc(1, sizeof(*f));
	int ret = 0;

	*feeder = NULL;
	if (!f)
		return vrng_why(why, ENOMEM, "cannot start: %m");
	f->setup = *setup;
	atomic_init(&f->stop, false);
	pthread_mutex_init(&f->lock, NULL);
	init_keeper(f);
	f->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	f->buf = rngd_locked_alloc(BATCH_SIZE);
	if (f->wake_fd < 0 || !f->buf)
		ret = vrng_why(why, errno, "cannot start: %m");
	if (!ret && is_raw(f))
		ret = vrng_conditioner_make(&f->conditioner, why);
	if (ret) {
		rngd_feeder_free(f);
		return ret;
	}
	f->forks = rngd_outlet_forks(setup->outlet);
	f->asked = rngd_outlet_asked(setup->outlet);
	*feeder = f;
	return 0;
}

static int start_thread(struct rngd_feeder *f)
{
	pthread_attr_t attr;
	int ret = allow_nudge();

	if (ret)
		return ret;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	ret = -pthread_create(&f->thread, &attr, run, f);
	pthread_attr_destroy(&attr);
	return ret;
}

int rngd_feeder_start(struct rngd_feeder **feeder,
		      const struct rngd_feeder_setup *setup,
		      struct vrng_why *why)
{
	struct rngd_feeder *f = NULL;
	int ret = make(&f, setup, why);

	*feeder = NULL;
	if (ret || !f)
		return ret;
	ret = start_thread(f);
	if (ret) {
		rngd_feeder_free(f);
		return vrng_why(why, -ret, "cannot start a thread: %m");
	}
	*feeder = f;
	return 0;
}

void rngd_feeder_wake(struct rngd_feeder *feeder)
{
	const uint64_t one = 1;

	if (write(feeder->wake_fd, &one, sizeof(one)) < 0) {
		/* Full: it is readable already. */
	}
}

void rngd_feeder_status(struct rngd_feeder *feeder,
			struct rngd_feeder_status *status)
{
	pthread_mutex_lock(&feeder->lock);
	*status = feeder->status;
	pthread_mutex_unlock(&feeder->lock);
}

bool rngd_feeder_is_ill(const struct rngd_feeder *feeder)
{
	return feeder->is_ill;
}

const struct rngd_feeder_setup *
rngd_feeder_setup(const struct rngd_feeder *feeder)
{
	return &feeder->setup;
}

const char *rngd_feeder_state_name(const struct rngd_feeder_status *status)
{
	return status->suspended ? "suspended" :
				   vrng_keeper_state_name(status->state);
}

static bool join(struct rngd_feeder *f, unsigned int ms)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	at.tv_nsec += (long)ms * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_nsec -= 1000000000;
		at.tv_sec++;
	}
	return !pthread_timedjoin_np(f->thread, NULL, &at);
}

/*
 * A nudge may come between the thread's look at the flag and its read: hence
 * more than one.
 */
static bool stop_by(struct rngd_feeder *f, uint64_t deadline)
{
	const unsigned int slice = 10;

	do {
		if (join(f, slice))
			return true;
		pthread_kill(f->thread, SIGUSR2);
	} while (now_ms() < deadline);
	return false;
}

bool rngd_feeder_stop(struct rngd_feeder *const *feeder, size_t n)
{
	const uint64_t deadline = now_ms() + RNGD_STOP_TIMEOUT;
	bool all = true;
	size_t i;

	for (i = 0; i < n; i++) {
		atomic_store(&feeder[i]->stop, true);
		rngd_feeder_wake(feeder[i]);
	}
	for (i = 0; i < n; i++)
		all = stop_by(feeder[i], deadline) && all;
	return all;
}

void rngd_feeder_free(struct rngd_feeder *feeder)
{
	if (!feeder)
		return;
	vrng_keeper_close(&feeder->keeper);
	vrng_conditioner_free(feeder->conditioner);
	rngd_locked_free(feeder->buf, BATCH_SIZE);
	if (feeder->wake_fd >= 0)
		close(feeder->wake_fd);
	pthread_mutex_destroy(&feeder->lock);
	free(feeder);
}
