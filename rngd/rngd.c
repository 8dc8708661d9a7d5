// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rngd: feeds the kernel's random pool from a source, after checking it. This
 * file starts and stops things; feeder.c does the work. rngd(8) tells options,
 * signals and exit statuses.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "rngd/background.h"
#include "rngd/crypto.h"
#include "rngd/feeder.h"
#include "rngd/log.h"
#include "rngd/options.h"
#include "rngd/pidfile.h"
#include "rngd/stdfds.h"
#include "vrng/version.h"

struct daemon {
	struct rngd_options options;
	struct rngd_log log;
	struct vrng_source *source;
	struct vrng_sink *sink;
	struct rngd_pidfile *pidfile;
	struct rngd_feeder *feeder;
	int signal_fd;
	int ready_fd; /* -1 in the foreground, or once told */
};

static int fail(const struct daemon *d, int status, const struct vrng_why *why)
{
	rngd_log(&d->log, RNGD_LOG_ERROR, "%s", why->text);
	return status;
}

/* Not being allowed to is one status, whatever it was for. */
static int status_of(int ret, int otherwise)
{
	return ret == -EPERM || ret == -EACCES ? EX_NOPERM : otherwise;
}

/*
 * Signals are waited for, never handled. SIGHUP is what a terminal sends when
 * it goes: in the foreground it stops us, a daemon has nothing to do with it.
 */
static int take_signals(struct daemon *d, struct vrng_why *why)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	if (d->options.foreground)
		sigaddset(&set, SIGHUP);
	else
		signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	d->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (d->signal_fd < 0)
		return vrng_why(why, errno, "cannot wait for signals: %m");
	return 0;
}

/* Before anything else is touched, let alone an output file made. */
static int check_source(struct daemon *d, struct vrng_why *why)
{
	int ret = vrng_source_check(d->source, why);

	return ret ? fail(d, status_of(ret, EX_NOINPUT), why) : 0;
}

static int open_sink(struct daemon *d, struct vrng_why *why)
{
	int ret = vrng_sink_open(&d->sink, d->options.sink,
				 d->options.interval * 1000, why);

	if (ret)
		return fail(d, status_of(ret, EX_CANTCREAT), why);
	if (vrng_source_is_deterministic(d->source) &&
	    vrng_sink_type(d->sink) != VRNG_SINK_FILE) {
		vrng_why(why, EINVAL,
			 "%s: anybody can compute it, so it may only be "
			 "written to a regular file; use --random-device=FILE",
			 vrng_source_name(d->source));
		return fail(d, EX_USAGE, why);
	}
	return 0;
}

static int open_source(struct daemon *d, struct vrng_why *why)
{
	int ret = vrng_source_open(d->source, why);

	if (ret)
		return fail(d, status_of(ret, EX_NOINPUT), why);
	rngd_log(&d->log, RNGD_LOG_INFO, "%s: is open; feeding %s",
		 vrng_source_name(d->source), vrng_sink_path(d->sink));
	return 0;
}

static int take_pidfile(struct daemon *d, struct vrng_why *why)
{
	int ret;

	if (!d->options.pid_file)
		return 0;
	ret = rngd_pidfile_take(&d->pidfile, d->options.pid_file, why);
	if (ret == -EBUSY)
		return fail(d, EX_TEMPFAIL, why);
	if (ret)
		return fail(d, status_of(ret, EX_CANTCREAT), why);
	return 0;
}

static int start_feeder(struct daemon *d, struct vrng_why *why)
{
	struct rngd_feeder_setup setup = {
		.source = d->source,
		.sink = d->sink,
		.log = &d->log,
		.step = d->options.step,
		.blocks = d->options.blocks,
	};

	if (rngd_feeder_start(&d->feeder, &setup, why))
		return fail(d, EX_OSERR, why);
	return 0;
}

/* Before the feeder starts: its thread logs, too. */
static int detach(struct daemon *d, struct vrng_why *why)
{
	if (d->ready_fd < 0)
		return 0;
	if (rngd_background_detach(why))
		return fail(d, EX_OSERR, why);
	rngd_log_to_syslog(&d->log);
	return 0;
}

static void tell_ready(struct daemon *d)
{
	if (d->ready_fd >= 0)
		rngd_background_tell(d->ready_fd, EX_OK);
	d->ready_fd = -1;
}

static int start(struct daemon *d)
{
	struct vrng_why why;
	int status;

	if (vrng_crypto_init(&why) || take_signals(d, &why))
		return fail(d, EX_OSERR, &why);
	if (!vrng_crypto_memory_locked())
		rngd_log(&d->log, RNGD_LOG_INFO,
			 "memory for entropy is not locked (RLIMIT_MEMLOCK); "
			 "it may reach a swap device");
	status = check_source(d, &why);
	if (!status)
		status = take_pidfile(d, &why);
	if (!status)
		status = open_sink(d, &why);
	if (!status)
		status = open_source(d, &why);
	if (!status)
		status = detach(d, &why);
	if (!status)
		status = start_feeder(d, &why);
	if (!status)
		tell_ready(d);
	return status;
}

static void log_stats(struct daemon *d)
{
	struct rngd_stats stats;

	rngd_feeder_stats(d->feeder, &stats);
	rngd_stats_log(&stats, d->sink, &d->log);
}

/* True to stop. */
static bool handle_signal(struct daemon *d)
{
	struct signalfd_siginfo info;

	if (read(d->signal_fd, &info, sizeof(info)) != sizeof(info))
		return false;
	if (info.ssi_signo == SIGUSR1) {
		log_stats(d);
		return false;
	}
	rngd_log(&d->log, RNGD_LOG_INFO, "stopping on SIG%s",
		 sigabbrev_np((int)info.ssi_signo));
	return true;
}

static void wait_for_end(struct daemon *d)
{
	struct pollfd pfd[2] = {
		{ .fd = d->signal_fd, .events = POLLIN },
		{ .fd = rngd_feeder_fd(d->feeder), .events = POLLIN },
	};

	for (;;) {
		if (poll(pfd, 2, -1) < 0)
			continue;
		if (pfd[0].revents && handle_signal(d))
			return;
		if (pfd[1].revents)
			return;
	}
}

static int outcome_status(const struct daemon *d, enum rngd_outcome outcome,
			  const struct vrng_why *why)
{
	switch (outcome) {
	case RNGD_SOURCE_ENDED:
	case RNGD_SOURCE_FAILED:
		return fail(d, EX_UNAVAILABLE, why);
	case RNGD_SINK_FAILED:
		return fail(d, EX_IOERR, why);
	case RNGD_STOPPED:
	case RNGD_DONE:
	default:
		return EX_OK;
	}
}

/*
 * A feeder that hangs in the kernel still uses source and sink, so nothing of
 * that is freed: the process ends, and the thread with it.
 */
static int run(struct daemon *d)
{
	enum rngd_outcome outcome;
	struct vrng_why why;
	bool ended;
	int status = EX_OK;

	wait_for_end(d);
	ended = rngd_feeder_stop(d->feeder, &outcome, &why);
	log_stats(d);
	if (ended)
		return outcome_status(d, outcome, &why);

	rngd_log(&d->log, RNGD_LOG_INFO,
		 "%s: a read is still waiting in the kernel; leaving it",
		 vrng_source_name(d->source));
	rngd_pidfile_drop(d->pidfile);
	_exit(status);
}

static void tear_down(struct daemon *d)
{
	rngd_feeder_free(d->feeder);
	vrng_source_free(d->source);
	vrng_sink_close(d->sink);
	rngd_pidfile_drop(d->pidfile);
	rngd_options_free(&d->options);
	if (d->signal_fd >= 0)
		close(d->signal_fd);
}

/* In the starting process: what to exit with. In the daemon: -1. */
static int go_background(struct daemon *d, struct vrng_why *why)
{
	int status;
	int ret = rngd_background(&d->ready_fd, &status, why);

	if (ret < 0)
		return fail(d, EX_OSERR, why);
	return ret ? status : -1;
}

static int daemon_main(struct daemon *d)
{
	struct vrng_why why;
	int status;

	if (vrng_source_parse(&d->source, d->options.source, &why))
		return fail(d, EX_USAGE, &why);
	if (!d->options.foreground) {
		status = go_background(d, &why);
		if (status >= 0)
			return status;
	}
	status = start(d);
	if (!status)
		status = run(d);
	if (d->ready_fd >= 0)
		rngd_background_tell(d->ready_fd, status);
	return status;
}

static int show(enum rngd_action action)
{
	if (action == RNGD_SHOW_HELP)
		rngd_options_help();
	else
		puts("rngd (vrng) " VRNG_VERSION);
	if (!fflush(stdout) && !ferror(stdout))
		return EX_OK;
	fprintf(stderr, "rngd: stdout: cannot write: %s\n", strerror(errno));
	return EX_IOERR;
}

int main(int argc, char **argv)
{
	struct daemon d = { .signal_fd = -1, .ready_fd = -1 };
	struct vrng_why why;
	int status;
	int ret = vrng_stdfds_hold();

	if (ret) {
		fprintf(stderr, "rngd: cannot start: %s\n", strerror(-ret));
		return EX_OSERR;
	}
	ret = rngd_options_parse(&d.options, argc, argv, &why);
	if (ret) {
		fprintf(stderr, "rngd: %s; see rngd --help\n", why.text);
		return ret == -ENOMEM ? EX_OSERR : EX_USAGE;
	}
	if (d.options.action != RNGD_RUN) {
		status = show(d.options.action);
		rngd_options_free(&d.options);
		return status;
	}
	d.log.quiet = d.options.quiet;
	d.log.debug = d.options.debug;
	status = daemon_main(&d);
	tear_down(&d);
	return status;
}
