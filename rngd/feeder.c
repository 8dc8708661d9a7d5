// SPDX-License-Identifier: GPL-2.0-or-later
/* The work of the daemon: see feeder.h. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "rngd/crypto.h"
#include "rngd/feeder.h"
#include "rngd/speed.h"

/* While there is nothing: waits double from 1 ms up to this (ms). */
#define IDLE_MAX 1000

/*
 * One bad block is chance. From the second in a row on, waits double from
 * 100 ms up to a minute: a dead source costs next to nothing, and is noticed
 * when it comes back.
 */
#define BAD_FIRST 100
#define BAD_MAX	  60000

/* So many bad blocks in a row (by chance: once in 10^9 blocks) are told. */
#define BAD_TOLD 3

struct rngd_feeder {
	struct rngd_feeder_setup setup;
	pthread_t thread;
	int stop_fd; /* readable: stop */
	int done_fd; /* readable: the thread has ended */
	atomic_bool stop;

	/* The thread's own, until it has been joined. */
	struct vrng_fips fips;
	uint8_t *block; /* in secure memory */
	unsigned int bad_in_a_row;
	bool was_credited;
	enum rngd_outcome outcome;
	struct vrng_why why;

	pthread_mutex_t lock; /* over stats */
	struct rngd_stats stats;
};

/* ---------------------------------------------------------------- waiting */

/* Wait for @events of @fd, or @timeout ms. False: stop. */
static bool wait_for(struct rngd_feeder *f, int fd, short events, int timeout)
{
	struct pollfd pfd[2] = {
		{ .fd = f->stop_fd, .events = POLLIN },
		{ .fd = fd, .events = events },
	};

	(void)poll(pfd, 2, timeout);
	return !atomic_load(&f->stop);
}

/* @base doubled @times times, and at most @max. */
static int doubled(int base, unsigned int times, int max)
{
	while (times-- && base < max)
		base *= 2;
	return base < max ? base : max;
}

/*
 * Nothing to be had, for the @idle-th time running. Where a descriptor tells
 * when there is, it is trusted once: one that says so wrongly must not make us
 * spin.
 */
static bool wait_idle(struct rngd_feeder *f, int fd, short events,
		      unsigned int idle)
{
	if (fd >= 0 && !idle)
		return wait_for(f, fd, events, -1);
	return wait_for(f, -1, 0, doubled(1, idle, IDLE_MAX));
}

static uint64_t now_ms(void)
{
	return vrng_now() / 1000000;
}

/* The sink may want something earlier than it says, but not later. */
static bool wait_until_due(struct rngd_feeder *f)
{
	struct vrng_sink *sink = f->setup.sink;
	unsigned int ms;

	while ((ms = vrng_sink_due(sink, now_ms())))
		if (!wait_for(f, vrng_sink_fd(sink), POLLOUT, (int)ms))
			return false;
	return !atomic_load(&f->stop);
}

/* ---------------------------------------------------------------- feeding */

static bool end(struct rngd_feeder *f, enum rngd_outcome outcome)
{
	f->outcome = outcome;
	return false;
}

static void count_in(struct rngd_feeder *f, size_t bytes)
{
	pthread_mutex_lock(&f->lock);
	f->stats.bytes_in += bytes;
	pthread_mutex_unlock(&f->lock);
}

static bool source_ended(struct rngd_feeder *f)
{
	vrng_why(&f->why, ENODATA, "%s: has ended; nothing is left to feed",
		 vrng_source_name(f->setup.source));
	return end(f, RNGD_SOURCE_ENDED);
}

/* Each of these is true to go on, or false with the outcome set. */
static bool fill(struct rngd_feeder *f, uint8_t *buf, size_t len)
{
	struct vrng_source *source = f->setup.source;
	unsigned int idle = 0;
	size_t have = 0;
	ssize_t got;

	while (have < len) {
		if (atomic_load(&f->stop))
			return end(f, RNGD_STOPPED);
		got = vrng_source_read(source, buf + have, len - have, &f->why);
		if (got == 0)
			return source_ended(f);
		if (got < 0 && got != -EAGAIN)
			return end(f, RNGD_SOURCE_FAILED);
		if (got > 0) {
			have += (size_t)got;
			idle = 0;
			count_in(f, (size_t)got);
		} else if (!wait_idle(f, vrng_source_fd(source), POLLIN,
				      idle++)) {
			return end(f, RNGD_STOPPED);
		}
	}
	return true;
}

static bool deliver(struct rngd_feeder *f, const uint8_t *buf, size_t len)
{
	struct vrng_sink *sink = f->setup.sink;
	bool kernel = vrng_sink_type(sink) == VRNG_SINK_KERNEL;
	unsigned int idle = 0;
	size_t n;
	ssize_t put;

	while (len) {
		if (atomic_load(&f->stop))
			return end(f, RNGD_STOPPED);
		n = kernel && len > f->setup.step ? f->setup.step : len;
		put = vrng_sink_put(sink, buf, n,
				    (unsigned int)n * RNGD_BITS_PER_BYTE,
				    &f->why);
		if (put < 0 && put != -EAGAIN)
			return end(f, RNGD_SINK_FAILED);
		if (put > 0) {
			pthread_mutex_lock(&f->lock);
			f->stats.bytes_out += (size_t)put;
			if (kernel)
				f->stats.bits +=
					(size_t)put * RNGD_BITS_PER_BYTE;
			pthread_mutex_unlock(&f->lock);
			buf += put;
			len -= (size_t)put;
			idle = 0;
		} else if (!wait_idle(f, vrng_sink_fd(sink), POLLOUT, idle++)) {
			return end(f, RNGD_STOPPED);
		}
	}
	return true;
}

static void tell_first(struct rngd_feeder *f, int before, int after)
{
	const char *path = vrng_sink_path(f->setup.sink);

	if (vrng_sink_type(f->setup.sink) != VRNG_SINK_KERNEL)
		rngd_log(f->setup.log, RNGD_LOG_INFO,
			 "%s: first good block of %d bytes written", path,
			 VRNG_FIPS_BLOCK_BYTES);
	else
		rngd_log(f->setup.log, RNGD_LOG_INFO,
			 "%s: first good block of %d bytes credited with %d "
			 "bits; entropy_avail %d before, %d after",
			 path, VRNG_FIPS_BLOCK_BYTES,
			 VRNG_FIPS_BLOCK_BYTES * RNGD_BITS_PER_BYTE, before,
			 after);
}

static bool feed_good(struct rngd_feeder *f)
{
	struct vrng_sink *sink = f->setup.sink;
	int before = vrng_sink_level(sink);
	int after;

	if (f->bad_in_a_row >= BAD_TOLD)
		rngd_log(f->setup.log, RNGD_LOG_INFO,
			 "%s: passes the FIPS 140-2 tests again",
			 vrng_source_name(f->setup.source));
	f->bad_in_a_row = 0;

	if (!deliver(f, f->block, VRNG_FIPS_BLOCK_BYTES))
		return false;
	vrng_sink_fed(sink, now_ms());
	after = vrng_sink_level(sink);

	pthread_mutex_lock(&f->lock);
	f->stats.level = after;
	pthread_mutex_unlock(&f->lock);
	if (!f->was_credited)
		tell_first(f, before, after);
	f->was_credited = true;
	return true;
}

static bool sit_out_bad(struct rngd_feeder *f)
{
	f->bad_in_a_row++;
	if (f->bad_in_a_row == BAD_TOLD)
		rngd_log(f->setup.log, RNGD_LOG_ERROR,
			 "%s: %d blocks in a row failed the FIPS 140-2 tests; "
			 "nothing is taken from it until it passes; check the "
			 "device",
			 vrng_source_name(f->setup.source), BAD_TOLD);
	if (f->bad_in_a_row > 1 &&
	    !wait_for(f, -1, 0,
		      doubled(BAD_FIRST, f->bad_in_a_row - 2, BAD_MAX)))
		return end(f, RNGD_STOPPED);
	return true;
}

static void tell_block(struct rngd_feeder *f,
		       const struct vrng_fips_result *result)
{
	const struct vrng_fips_stats *s = &result->stats;

	rngd_log(f->setup.log, RNGD_LOG_DEBUG,
		 "block %s (failed tests 0x%02x): ones %" PRIu32
		 ", poker %" PRIu32 ", longest run %" PRIu32
		 ", repeated words %" PRIu32,
		 result->failed ? "failed" : "passed", result->failed, s->ones,
		 s->poker, s->longest, s->repeats);
}

static bool one_block(struct rngd_feeder *f)
{
	struct vrng_fips_result result;

	if (!fill(f, f->block, VRNG_FIPS_BLOCK_BYTES))
		return false;
	vrng_fips_check(&f->fips, f->block, &result);
	tell_block(f, &result);

	pthread_mutex_lock(&f->lock);
	vrng_tally_add(&f->stats.tally, result.failed);
	pthread_mutex_unlock(&f->lock);
	return result.failed ? sit_out_bad(f) : feed_good(f);
}

/* FIPS 140-2 4.9.2: the first word is for comparison, and is not used. */
static bool prime(struct rngd_feeder *f)
{
	if (!fill(f, f->block, VRNG_FIPS_WORD_BYTES))
		return false;
	vrng_fips_init(&f->fips, f->block);
	return true;
}

static void feed(struct rngd_feeder *f)
{
	uint64_t blocks = f->setup.blocks;

	if (!prime(f))
		return;
	while (!blocks || f->stats.tally.good < blocks) {
		if (!wait_until_due(f)) {
			end(f, RNGD_STOPPED);
			return;
		}
		if (!one_block(f))
			return;
		explicit_bzero(f->block, VRNG_FIPS_BLOCK_BYTES);
	}
	end(f, RNGD_DONE);
}

static void *run(void *arg)
{
	const uint64_t one = 1;
	struct rngd_feeder *f = arg;

	feed(f);
	explicit_bzero(f->block, VRNG_FIPS_BLOCK_BYTES);
	if (write(f->done_fd, &one, sizeof(one)) < 0) {
		/* Cannot be: it is written to once. */
	}
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

static struct rngd_feeder *make(const struct rngd_feeder_setup *setup)
{
	struct rngd_feeder *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->setup = *setup;
	f->stats.level = -1;
	atomic_init(&f->stop, false);
	pthread_mutex_init(&f->lock, NULL);
	f->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	f->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	f->block = vrng_secure_alloc(VRNG_FIPS_BLOCK_BYTES);
	if (f->stop_fd < 0 || f->done_fd < 0 || !f->block) {
		rngd_feeder_free(f);
		return NULL;
	}
	return f;
}

int rngd_feeder_start(struct rngd_feeder **feeder,
		      const struct rngd_feeder_setup *setup,
		      struct vrng_why *why)
{
	struct rngd_feeder *f = make(setup);
	int ret;

	*feeder = NULL;
	if (!f)
		return vrng_why(why, ENOMEM, "cannot start: %m");
	ret = allow_nudge();
	if (!ret)
		ret = -pthread_create(&f->thread, NULL, run, f);
	if (ret) {
		rngd_feeder_free(f);
		return vrng_why(why, -ret, "cannot start a thread: %m");
	}
	*feeder = f;
	return 0;
}

int rngd_feeder_fd(const struct rngd_feeder *feeder)
{
	return feeder->done_fd;
}

void rngd_feeder_stats(struct rngd_feeder *feeder, struct rngd_stats *stats)
{
	pthread_mutex_lock(&feeder->lock);
	*stats = feeder->stats;
	pthread_mutex_unlock(&feeder->lock);
}

static bool join(struct rngd_feeder *f, unsigned int ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += (long)ms * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	return !pthread_timedjoin_np(f->thread, NULL, &until);
}

/*
 * A nudge may come between the thread's look at the flag and its read: hence
 * more than one.
 */
bool rngd_feeder_stop(struct rngd_feeder *feeder, enum rngd_outcome *outcome,
		      struct vrng_why *why)
{
	const unsigned int slice = 10;
	const uint64_t one = 1;
	unsigned int ms;

	atomic_store(&feeder->stop, true);
	if (write(feeder->stop_fd, &one, sizeof(one)) < 0) {
		/* Full: it is readable already. */
	}
	for (ms = 0; ms < RNGD_STOP_TIMEOUT; ms += slice) {
		if (join(feeder, slice)) {
			*outcome = feeder->outcome;
			*why = feeder->why;
			return true;
		}
		pthread_kill(feeder->thread, SIGUSR2);
	}
	return false;
}

void rngd_feeder_free(struct rngd_feeder *feeder)
{
	if (!feeder)
		return;
	vrng_secure_free(feeder->block);
	if (feeder->stop_fd >= 0)
		close(feeder->stop_fd);
	if (feeder->done_fd >= 0)
		close(feeder->done_fd);
	pthread_mutex_destroy(&feeder->lock);
	free(feeder);
}
