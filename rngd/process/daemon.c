// SPDX-License-Identifier: GPL-2.0-or-later
/* rngd's main loop: see daemon.h. */
#include <errno.h>
#include <inttypes.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/signs/uevent.h"
#include "rngd/process/answer.h"
#include "rngd/process/daemon.h"
#include "rngd/process/reload.h"

/* How often systemd gets a new status where there is no watchdog, us. */
#define STATUS_EVERY_US 30000000

void rngd_daemon_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIGHUP);
}

/* A negative @fd is nothing to watch. */
static int watch(struct rngd_daemon *d, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (fd < 0)
		return 0;
	return epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/* Let timer_fd become readable every @us microseconds. */
static int start_timer(struct rngd_daemon *d, uint64_t us)
{
	const struct timespec every = {
		.tv_sec = (time_t)(us / 1000000),
		.tv_nsec = (long)(us % 1000000) * 1000,
	};
	const struct itimerspec spec = { every, every };

	d->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (d->timer_fd < 0 || timerfd_settime(d->timer_fd, 0, &spec, NULL))
		return -errno;
	return watch(d, d->timer_fd, EPOLLIN);
}

int rngd_daemon_init(struct rngd_daemon *d, struct vrng_error *error)
{
	sigset_t set;
	int ret;

	d->began = vrng_now();
	rngd_daemon_signals(&set);
	d->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	d->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (d->signal_fd < 0 || d->epoll_fd < 0)
		return vrng_fail(error, errno, "cannot wait for signals: %m");
	d->uevent_fd = rngd_uevent_open();
	rngd_notice_open(&d->notice);
	vrng_notify_init(&d->notify);
	ret = watch(d, d->signal_fd, EPOLLIN);
	if (!ret && d->options.test)
		ret = start_timer(d, 1000000);
	else if (!ret && d->notify.watchdog_us)
		ret = start_timer(d, d->notify.watchdog_us / 2);
	else if (!ret && d->notify.fd >= 0)
		ret = start_timer(d, STATUS_EVERY_US);
	return ret ? vrng_fail(error, -ret, "cannot wait for signals: %m") : 0;
}

/* ------------------------------------------------------------------ starting */

static int watch_all(struct rngd_daemon *d)
{
	int ret = watch(d, rngd_outlet_fd(d->outlet), EPOLLIN);

	if (!ret)
		ret = watch(d, rngd_hooks_fd(d->hooks), EPOLLIN);
	if (!ret)
		ret = watch(d, rngd_control_fd(d->control), EPOLLIN);
	if (!ret)
		ret = watch(d, rngd_privops_fd(d->privops), EPOLLRDHUP);
	if (!ret)
		ret = watch(d, d->uevent_fd, EPOLLIN);
	if (!ret)
		rngd_notice_watch(&d->notice);
	return ret;
}

static void identify(void *opaque, char id[RNGD_HOOK_ID])
{
	struct rngd_daemon *d = opaque;

	rngd_notice_identify(&d->notice, id);
}

static void connect_parts(struct rngd_daemon *d)
{
	d->notice.log = &d->log;
	d->notice.set = d->set;
	d->notice.renewal = &d->renewal;
	d->notice.privops = d->privops;
	d->notice.epoll_fd = d->epoll_fd;
	d->gate.control = d->control;
	d->gate.sink = d->sink;
	d->gate.notice = &d->notice;
	d->renewal.outlet = d->outlet;
	d->renewal.hooks = d->hooks;
	d->renewal.log = &d->log;
	d->renewal.tell = rngd_answer_waiters;
	d->renewal.identify = identify;
	d->renewal.opaque = d;
}

int rngd_daemon_feed(struct rngd_daemon *d, struct vrng_error *error)
{
	const struct rngd_set_defaults defaults =
		rngd_reload_defaults(&d->options);
	int ret = rngd_outlet_make(&d->outlet, d->sink, &d->log,
				   d->options.blocks, error);

	if (ret)
		return ret;
	connect_parts(d);
	ret = watch_all(d);
	if (ret)
		return vrng_fail(error, -ret, "cannot wait for feeders: %m");
	ret = rngd_set_start(d->set, d->outlet, &d->log, &defaults, error);
	if (!ret)
		rngd_notice_resume(&d->notice);
	return ret;
}

static void reload(struct rngd_daemon *d)
{
	if (!rngd_reload(d))
		return;
	rngd_notice_look_again(&d->notice);
	rngd_set_wake(d->set);
}

/* ---------------------------------------------------------------- statistics */

void rngd_daemon_log_stats(struct rngd_daemon *d)
{
	struct rngd_report report;

	rngd_set_report(d->set, &report);
	rngd_report_log(&report, d->sink, &d->log);
}

/* Called once a second with --test. The lines are those of rng-tools. */
static void log_rates(struct rngd_daemon *d)
{
	struct rngd_report report;

	rngd_set_report(d->set, &report);
	vrng_log(&d->log, VRNG_LOG_ASKED,
		 "Entropy gathered: %.6e bits, %" PRIu64
		 " blocks good, %" PRIu64 " bad",
		 (double)(report.total.bytes_out - d->reported) * 8,
		 report.total.good, report.total.bad);
	d->reported = report.total.bytes_out;
	d->reports++;
}

void rngd_daemon_log_rate(struct rngd_daemon *d)
{
	const double seconds = (double)(vrng_now() - d->began) / 1e9;
	struct rngd_report report;
	double rate;

	rngd_set_report(d->set, &report);
	rate = (double)report.total.bytes_out * 8 / seconds;
	vrng_log(&d->log, VRNG_LOG_ASKED,
		 "Entropy rate: %6.4g %cbits/sec averaged over %" PRIu64
		 " iterations for %6.4g seconds",
		 rate >= 1e6 ? rate / 1e6 : rate / 1e3, rate >= 1e6 ? 'M' : 'K',
		 d->reports, seconds);
}

static void tell_systemd(struct rngd_daemon *d, const char *first)
{
	struct rngd_report report;
	char status[RNGD_SUMMARY_SIZE];

	if (d->notify.fd < 0)
		return;
	rngd_set_report(d->set, &report);
	rngd_summary(status, sizeof(status), &report, d->was_fed);
	vrng_notify_say(&d->notify, "%sSTATUS=%s", first, status);
}

/* ------------------------------------------------------------------- the loop */

/* For the signals that stop rngd. */
static const char *name_of_signal(uint32_t signal)
{
	switch (signal) {
	case SIGTERM:
		return "SIGTERM";
	case SIGINT:
		return "SIGINT";
	default:
		return "SIGHUP";
	}
}

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
	if (info.ssi_signo == SIGHUP && d->options.config) {
		reload(d);
		return false;
	}
	if (info.ssi_signo == SIGHUP && !d->options.foreground)
		return false;
	vrng_log(&d->log, VRNG_LOG_INFO, "stopping on %s",
		 name_of_signal(info.ssi_signo));
	return true;
}

static void handle_timer(struct rngd_daemon *d)
{
	uint64_t count;

	if (read(d->timer_fd, &count, sizeof(count)) != sizeof(count))
		return;
	if (d->options.test)
		log_rates(d);
	else
		tell_systemd(d, d->notify.watchdog_us ? "WATCHDOG=1\n" : "");
}

/* True to stop. */
static bool handle_outlet(struct rngd_daemon *d)
{
	unsigned int events = rngd_outlet_take_events(d->outlet);

	if (events & RNGD_EVENT_FIRST) {
		d->was_fed = true;
		tell_systemd(d, "");
		if (!d->notice.vmfork.devices)
			rngd_notice_look_again(&d->notice);
	}
	if (events & RNGD_EVENT_FED) {
		rngd_notice_fed(&d->notice);
		rngd_renewal_fed(&d->renewal, vrng_now_ms());
	}
	return events & RNGD_EVENT_ENDED;
}

/* Without the helper nothing can be credited: stop as for any output that failed. */
static bool helper_gone(struct rngd_daemon *d)
{
	struct vrng_error error;

	vrng_fail(&error, EPIPE,
		  "%s: the privileged process has ended; start rngd again",
		  vrng_sink_path(d->sink));
	rngd_outlet_end(d->outlet, RNGD_SINK_FAILED, &error);
	return true;
}

static void handle_hooks(struct rngd_daemon *d)
{
	rngd_renewal_hooked(&d->renewal, vrng_now_ms());
	if (!d->renewal.hooks && d->hooks) {
		rngd_hooks_end(d->hooks);
		d->hooks = NULL;
	}
}

/* True to stop. */
static bool handle(struct rngd_daemon *d, const struct epoll_event *event)
{
	const int fd = event->data.fd;

	if (rngd_notice_handle(&d->notice, fd, event->events))
		return false;
	if (fd == d->signal_fd)
		return handle_signal(d);
	if (fd == rngd_outlet_fd(d->outlet))
		return handle_outlet(d);
	if (fd == rngd_privops_fd(d->privops))
		return helper_gone(d);
	if (fd == d->timer_fd)
		handle_timer(d);
	else if (fd == rngd_control_fd(d->control))
		rngd_control_serve(d->control, vrng_now_ms());
	else if (fd == rngd_hooks_fd(d->hooks))
		handle_hooks(d);
	else if (fd == d->uevent_fd && rngd_uevent_take(fd))
		rngd_notice_look_again(&d->notice);
	return false;
}

/* The timeout for epoll_wait(), in ms. */
static int next_due(const struct rngd_daemon *d)
{
	uint64_t control = rngd_control_due(d->control);
	uint64_t gate = rngd_gate_due(&d->gate);
	uint64_t due = rngd_renewal_due(&d->renewal);
	uint64_t now = vrng_now_ms();

	if (control && (!due || control < due))
		due = control;
	if (gate && (!due || gate < due))
		due = gate;
	if (!due)
		return -1;
	return vrng_timeout_ms(due, now);
}

void rngd_daemon_wait(struct rngd_daemon *d)
{
	struct epoll_event event[8];
	bool stop = false;
	int i, n;

	tell_systemd(d, "READY=1\n");
	while (!stop) {
		n = epoll_wait(d->epoll_fd, event, 8, next_due(d));
		for (i = 0; i < n && !stop; i++)
			stop = handle(d, &event[i]);
		if (!n && d->control)
			rngd_control_serve(d->control, vrng_now_ms());
		rngd_renewal_late(&d->renewal, vrng_now_ms());
		rngd_gate_look(&d->gate, vrng_now_ms());
	}
	vrng_notify_say(&d->notify, "STOPPING=1");
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void rngd_daemon_free(struct rngd_daemon *d)
{
	rngd_set_free(d->set);
	if (!d->hangs)
		rngd_outlet_free(d->outlet);
	rngd_control_close(d->control);
	rngd_hooks_end(d->hooks);
	rngd_notice_close(&d->notice);
	vrng_notify_close(&d->notify);
	close_fd(d->uevent_fd);
	close_fd(d->signal_fd);
	close_fd(d->epoll_fd);
	close_fd(d->timer_fd);
	close_fd(d->pid_fd);
}
