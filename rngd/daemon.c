// SPDX-License-Identifier: GPL-2.0-or-later
/* The process that reads and tests: see daemon.h. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "rngd/daemon.h"

void rngd_daemon_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIGHUP);
}

static int watch(struct rngd_daemon *d, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/* Every @s seconds. */
static int start_timer(struct rngd_daemon *d, unsigned int s)
{
	const struct itimerspec spec = { .it_interval.tv_sec = s,
					 .it_value.tv_sec = s };

	d->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (d->timer_fd < 0 || timerfd_settime(d->timer_fd, 0, &spec, NULL))
		return -errno;
	return watch(d, d->timer_fd, EPOLLIN);
}

int rngd_daemon_init(struct rngd_daemon *d, struct vrng_why *why)
{
	sigset_t set;
	int ret;

	pthread_mutex_init(&d->lock, NULL);
	rngd_daemon_signals(&set);
	d->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	d->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (d->signal_fd < 0 || d->epoll_fd < 0)
		return vrng_why(why, errno, "cannot wait for signals: %m");
	ret = watch(d, d->signal_fd, EPOLLIN);
	if (!ret && d->options.test)
		ret = start_timer(d, 1);
	return ret ? vrng_why(why, -ret, "cannot wait for signals: %m") : 0;
}

/* ------------------------------------------------------------------- feeders */

/* From a feeder's thread. */
static void on_tell(void *opaque, bool ill, const char *text)
{
	struct rngd_daemon *d = opaque;
	struct vrng_why why;
	bool all;

	pthread_mutex_lock(&d->lock);
	d->ill += ill ? 1 : (size_t)-1;
	all = d->ill == d->sources;
	pthread_mutex_unlock(&d->lock);
	if (!all || !d->options.require_source)
		return;
	vrng_why(&why, ENODATA, "no source is left (--require-source): %s",
		 text);
	rngd_outlet_end(d->outlet, RNGD_SOURCES_FAILED, &why);
}

/* What a SPEC claims counts before --entropy-count. The kernel gets no credit
 * for what it gave itself. */
static unsigned int entropy_of(struct rngd_daemon *d, size_t n)
{
	unsigned int claimed = vrng_source_entropy(d->source[n]);
	const char *name = vrng_source_name(d->source[n]);

	if (!strncmp(name, "getrandom", strlen("getrandom")) &&
	    vrng_sink_type(d->sink) == VRNG_SINK_KERNEL) {
		rngd_log(&d->log, RNGD_LOG_INFO,
			 "%s: is the kernel's own generator: no credit for it",
			 name);
		return 0;
	}
	return claimed ? claimed : d->options.entropy * 1000;
}

static int start_feeder(struct rngd_daemon *d, size_t n, struct vrng_why *why)
{
	const struct rngd_feeder_setup setup = {
		.source = d->source[n],
		.outlet = d->outlet,
		.log = &d->log,
		.entropy = entropy_of(d, n),
		.suspend = d->options.suspend,
		.ignore_failures = d->options.ignore_failures,
		.tell = on_tell,
		.opaque = d,
	};
	int ret;

	rngd_log(&d->log, RNGD_LOG_INFO, "%s: feeds %s",
		 vrng_source_name(d->source[n]), vrng_sink_path(d->sink));
	ret = rngd_feeder_start(&d->feeder[n], &setup, why);
	if (!ret)
		d->feeders++;
	return ret;
}

int rngd_daemon_feed(struct rngd_daemon *d, struct vrng_why *why)
{
	int ret = rngd_outlet_make(&d->outlet, d->sink, &d->log,
				   d->options.blocks, why);
	size_t i;

	if (ret)
		return ret;
	ret = watch(d, rngd_outlet_fd(d->outlet), EPOLLIN);
	if (ret)
		return vrng_why(why, -ret, "cannot wait for feeders: %m");
	for (i = 0; i < d->sources && !ret; i++)
		ret = start_feeder(d, i, why);
	if (ret)
		d->hangs = !rngd_feeder_stop(d->feeder, d->feeders);
	return ret;
}

/* ---------------------------------------------------------------- statistics */

static void total(struct rngd_daemon *d, struct rngd_stats *stats)
{
	struct rngd_feeder_status status;
	size_t i;

	memset(stats, 0, sizeof(*stats));
	for (i = 0; i < d->feeders; i++) {
		rngd_feeder_status(d->feeder[i], &status);
		rngd_stats_add(stats, &status.stats);
	}
}

void rngd_daemon_log_stats(struct rngd_daemon *d)
{
	struct rngd_feeder_status status;
	struct rngd_stats stats;
	size_t i;

	total(d, &stats);
	rngd_stats_log(&stats, vrng_sink_level(d->sink), d->sink, &d->log);
	for (i = 0; i < d->feeders && d->feeders > 1; i++) {
		rngd_feeder_status(d->feeder[i], &status);
		rngd_stats_log_source(&status.stats,
				      vrng_source_name(d->source[i]),
				      rngd_feeder_state_name(&status), &d->log);
	}
}

/* One line a second of --test. */
static void say_rates(struct rngd_daemon *d)
{
	struct rngd_stats stats;

	total(d, &stats);
	rngd_log(&d->log, RNGD_LOG_ASKED,
		 "test: %" PRIu64 " kilobits/s, %" PRIu64
		 " blocks good, %" PRIu64 " bad",
		 (stats.bytes_out - d->reported) * 8 / 1000, stats.good,
		 stats.bad);
	d->reported = stats.bytes_out;
}

/* ------------------------------------------------------------------- the loop */

/* True to stop. */
static bool handle_signal(struct rngd_daemon *d)
{
	struct signalfd_siginfo info;

	if (read(d->signal_fd, &info, sizeof(info)) != sizeof(info))
		return false;
	if (info.ssi_signo == SIGUSR1) {
		rngd_daemon_log_stats(d);
		return false;
	}
	if (info.ssi_signo == SIGHUP && !d->options.foreground)
		return false;
	rngd_log(&d->log, RNGD_LOG_INFO, "stopping on SIG%s",
		 sigabbrev_np((int)info.ssi_signo));
	return true;
}

static void handle_timer(struct rngd_daemon *d)
{
	uint64_t count;

	if (read(d->timer_fd, &count, sizeof(count)) != sizeof(count))
		return;
	if (d->options.test)
		say_rates(d);
}

/* True to stop. */
static bool handle(struct rngd_daemon *d, int fd)
{
	if (fd == d->signal_fd)
		return handle_signal(d);
	if (fd == d->timer_fd)
		handle_timer(d);
	if (fd == rngd_outlet_fd(d->outlet))
		return rngd_outlet_take_events(d->outlet) & RNGD_EVENT_ENDED;
	return false;
}

void rngd_daemon_wait(struct rngd_daemon *d)
{
	struct epoll_event event[8];
	bool stop = false;
	int i, n;

	while (!stop) {
		n = epoll_wait(d->epoll_fd, event, 8, -1);
		for (i = 0; i < n && !stop; i++)
			stop = handle(d, event[i].data.fd);
	}
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void rngd_daemon_free(struct rngd_daemon *d)
{
	size_t i;

	for (i = 0; i < d->feeders && !d->hangs; i++)
		rngd_feeder_free(d->feeder[i]);
	for (i = 0; i < d->sources && !d->hangs; i++)
		vrng_source_free(d->source[i]);
	if (!d->hangs)
		rngd_outlet_free(d->outlet);
	close_fd(d->signal_fd);
	close_fd(d->epoll_fd);
	close_fd(d->timer_fd);
}
