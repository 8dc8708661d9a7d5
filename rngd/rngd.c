// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rngd feeds the kernel's random pool with bytes from sources, after testing
 * them. This file starts and stops it, in the order that README.md explains.
 * rngd(8) describes options, signals and exit statuses.
 */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "rngd/process/answer.h"
#include "rngd/checks/selftest.h"
#include "rngd/process/background.h"
#include "rngd/base/crypto.h"
#include "rngd/base/locked.h"
#include "rngd/process/daemon.h"
#include "rngd/process/confine.h"
#include "rngd/options/listing.h"
#include "rngd/options/specs.h"
#include "rngd/base/stdfds.h"
#include "rngd/process/pidfile.h"
#include "rngd/process/places.h"
#include "rngd/process/user.h"
#include "rngd/sinks/watermark.h"
#include "rngd/sources/record.h"
#include "vrng/version.h"

#define DEFAULT_CONTROL "/run/rngd.sock"

/* The buffers of the most sources, conditioners and libgcrypt's pool, with room. */
#define LOCKED_MAX ((size_t)16 << 20)

/* How long the helper may take to remove files and end, in ms. */
#define END_TIMEOUT 30

static int fail(struct rngd_daemon *d, int status,
		const struct vrng_error *error)
{
	vrng_log(&d->log, VRNG_LOG_ERROR, "%s", error->text);
	return status;
}

/* The exit status for @ret: a missing permission has its own. */
static int status_of(int ret, int otherwise)
{
	return ret == -EPERM || ret == -EACCES ? EX_NOPERM : otherwise;
}

/* ------------------------------------------------------------------ sources */

static int parse_sources(struct rngd_daemon *d, struct vrng_error *error)
{
	if (rngd_specs_check(&d->options, rngd_privops_opener(d->privops),
			     error))
		return fail(d, EX_USAGE, error);
	if (rngd_set_make(&d->set, d->options.source, d->options.sources,
			  rngd_privops_opener(d->privops), error))
		return fail(d, EX_USAGE, error);
	return 0;
}

/* Before anything is changed, or an output file is created. */
static int check_sources(struct rngd_daemon *d, struct vrng_error *error)
{
	int ret = rngd_set_check(d->set, error);

	return ret ? fail(d, status_of(ret, EX_NOINPUT), error) : 0;
}

static void say_no_watermark(struct rngd_daemon *d)
{
	vrng_log(&d->log, VRNG_LOG_INFO,
		 "--fill-watermark: this kernel's pool has no mark; it is fed "
		 "each --feed-interval");
}

static void check_watermark(struct rngd_daemon *d)
{
	if (d->options.watermark >= 0 &&
	    !vrng_watermark_is_used(rngd_privops_opener(d->privops)))
		say_no_watermark(d);
}

/* A file of another kind takes bytes without credit. */
static bool feeds_kernel(const struct rngd_options *o)
{
	struct stat st;

	return !o->test &&
	       (!o->sink || stat(o->sink, &st) || S_ISCHR(st.st_mode));
}

/* --test-config: the status that a start would have, without starting. */
static int check_all(struct rngd_daemon *d, struct vrng_error *error)
{
	int ret = rngd_places_check(&d->options, error);

	rngd_options_log(&d->options, &d->log);
	check_watermark(d);
	if (ret == -EINVAL)
		return fail(d, EX_USAGE, error);
	if (ret)
		return fail(d, status_of(ret, EX_CANTCREAT), error);
	ret = rngd_set_probe(d->set, &d->log);
	if (feeds_kernel(&d->options))
		rngd_set_tell_refusals(d->set, d->options.trust_host, &d->log);
	if (d->options.standby)
		vrng_log(&d->log, VRNG_LOG_INFO,
			 "%s: stands in while %s gives nothing",
			 d->options.source[d->options.sources - 1],
			 d->options.source[0]);
	return ret ? status_of(ret, EX_NOINPUT) : 0;
}

static int refuse_predictable(struct rngd_daemon *d, struct vrng_error *error)
{
	if (rngd_set_may_feed(d->set, d->sink, error))
		return fail(d, EX_USAGE, error);
	return 0;
}

/* ----------------------------------------------------------------- starting */

/* Signals are blocked, and read from a signalfd. */
static int take_signals(struct rngd_daemon *d, struct vrng_error *error)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	rngd_daemon_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (rngd_daemon_init(d, error))
		return fail(d, EX_OSERR, error);
	return 0;
}

static int open_sink(struct rngd_daemon *d, struct vrng_error *error)
{
	const struct rngd_options *o = &d->options;
	const struct vrng_sink_setup setup = {
		.path = o->test ? NULL : o->sink,
		.interval = o->interval * 1000,
		.step = o->step,
		.opener = rngd_privops_opener(d->privops),
		.pool_ops = rngd_privops_pool_ops(d->privops),
	};
	int ret = vrng_sink_open(&d->sink, &setup, error);

	if (ret)
		return fail(d, status_of(ret, EX_CANTCREAT), error);
	return refuse_predictable(d, error);
}

static int take_pidfile(struct rngd_daemon *d, struct vrng_error *error)
{
	struct vrng_ours file;
	int ret;

	if (!d->options.pid_file)
		return 0;
	ret = rngd_pidfile_take(d->options.pid_file, error);
	if (ret == -EBUSY)
		return fail(d, EX_TEMPFAIL, error);
	if (ret < 0)
		return fail(d, status_of(ret, EX_CANTCREAT), error);
	d->pid_fd = ret;
	if (vrng_ours_note(&file, d->options.pid_file))
		rngd_privops_remove_at_end(d->privops, &file);
	return 0;
}

/* Before the feeders start, because their threads log. */
static int detach(struct rngd_daemon *d, struct vrng_error *error)
{
	if (d->ready_fd < 0)
		return 0;
	if (rngd_background_detach(error))
		return fail(d, EX_OSERR, error);
	vrng_log_to_syslog(&d->log);
	return 0;
}

/* The daemon ends if nobody knows of it. */
static void tell_ready(struct rngd_daemon *d)
{
	const int fd = d->ready_fd;

	d->ready_fd = -1;
	if (fd < 0 || rngd_background_tell(fd, EX_OK))
		return;
	vrng_log(&d->log, VRNG_LOG_INFO,
		 "stopping: the process that started this one has ended");
	rngd_outlet_end(d->outlet, RNGD_DONE, NULL);
}

static void say_notes(struct rngd_daemon *d)
{
	if (!vrng_crypto_memory_locked())
		vrng_log(&d->log, VRNG_LOG_INFO,
			 "memory for entropy is not locked (RLIMIT_MEMLOCK); "
			 "it may reach a swap device");
	rngd_options_log(&d->options, &d->log);
}

static int start_feeders(struct rngd_daemon *d, struct vrng_error *error)
{
	if (rngd_daemon_feed(d, error))
		return fail(d, EX_OSERR, error);
	return 0;
}

/* ----------------------------------------------------------- control socket */

/* The default path serves root alone: another user's rngd has no socket. */
static const char *control_path(const struct rngd_options *o)
{
	if (!o->control)
		return geteuid() ? NULL : DEFAULT_CONTROL;
	return strcmp(o->control, "none") ? o->control : NULL;
}

static int listen_at(struct rngd_daemon *d, const char *path,
		     struct vrng_error *error)
{
	gid_t gid = (gid_t)-1;
	int ret = 0;

	if (d->options.control_group)
		ret = rngd_group_find(&gid, d->options.control_group, error);
	if (!ret)
		ret = rngd_control_open(&d->control, path, gid,
					rngd_answer_request, d, error);
	if (!ret)
		rngd_privops_remove_at_end(d->privops,
					   rngd_control_file(d->control));
	return ret;
}

/*
 * A socket at the default path is optional: a second rngd, which writes to a
 * file, runs without one.
 */
static int open_control(struct rngd_daemon *d, struct vrng_error *error)
{
	const char *path = control_path(&d->options);
	int ret = path ? listen_at(d, path, error) : 0;

	if (!ret)
		return 0;
	if (ret == -EINVAL)
		return fail(d, EX_USAGE, error);
	if (!d->options.control) {
		vrng_log(&d->log, VRNG_LOG_INFO,
			 "%s; rngctl will not find this one", error->text);
		return 0;
	}
	if (ret == -EADDRINUSE)
		return fail(d, EX_TEMPFAIL, error);
	return fail(d, status_of(ret, EX_CANTCREAT), error);
}

/* ---------------------------------------------------------- generation page */

static int open_past(struct rngd_daemon *d, const char *page,
		     struct vrng_error *error)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s.done", page) >= (int)sizeof(path))
		return vrng_fail(error, ENAMETOOLONG, "--fork-page: %.100s: %m",
				 page);
	d->notice.past_fd =
		rngd_past_open(path, &d->notice.past, &d->notice.has_past);
	if (d->notice.past_fd >= 0)
		return 0;
	return vrng_fail(error, -d->notice.past_fd,
			 "--fork-page: %.100s: cannot keep a record there: %m; "
			 "it must be a file that this rngd alone writes",
			 path);
}

static int open_page(struct rngd_daemon *d, struct vrng_error *error)
{
	const char *path = d->options.page;
	int ret = 0;

	if (!path || !strcmp(path, "none"))
		return 0;
	ret = rngd_page_open(&d->notice.page, path, error);
	if (!ret)
		ret = open_past(d, path, error);
	if (ret == -EBUSY)
		return fail(d, EX_TEMPFAIL, error);
	return ret ? fail(d, status_of(ret, EX_CANTCREAT), error) : 0;
}

/* --------------------------------------------------------- giving up rights */

static void set_watermark(struct rngd_daemon *d)
{
	const int bits = d->options.watermark;
	int ret = 0;

	if (bits >= 0 && vrng_sink_type(d->sink) == VRNG_SINK_KERNEL)
		ret = vrng_watermark_set(rngd_privops_opener(d->privops),
					 (unsigned int)bits,
					 d->options.watermark_percent);
	if (ret == -EOPNOTSUPP)
		say_no_watermark(d);
	else if (ret)
		vrng_log(&d->log, VRNG_LOG_ERROR,
			 "--fill-watermark: %s: cannot write: %s; it stays "
			 "as it is",
			 VRNG_WATERMARK_PATH, strerror(-ret));
}

static int find_user(struct rngd_daemon *d, struct rngd_user *user,
		     struct vrng_error *error)
{
	if (!geteuid())
		return rngd_user_find(user, d->options.user, error);
	if (d->options.user)
		return vrng_fail(error, EPERM,
				 "--drop-privileges: only root can: %m");
	return 0;
}

static int confine(struct rngd_daemon *d, struct vrng_error *error)
{
	const bool root = !geteuid();
	struct rngd_user user = { .groups = 0 };
	int ret = find_user(d, &user, error);

	if (!ret) {
		set_watermark(d);
		ret = rngd_confine(d, root ? &user : NULL, error);
	}
	if (!ret)
		return 0;
	return fail(d, ret == -EINVAL ? EX_USAGE : status_of(ret, EX_OSERR),
		    error);
}

/* ---------------------------------------------------------- the whole start */

static int start(struct rngd_daemon *d)
{
	struct vrng_error error;
	int status = take_signals(d, &error);

	if (!status)
		say_notes(d);
	if (!status && d->options.require_source)
		status = check_sources(d, &error);
	if (!status)
		status = take_pidfile(d, &error);
	if (!status)
		status = open_sink(d, &error);
	if (!status)
		status = open_control(d, &error);
	if (!status)
		status = open_page(d, &error);
	if (!status)
		status = detach(d, &error);
	if (!status)
		status = confine(d, &error);
	if (!status)
		status = start_feeders(d, &error);
	if (!status)
		tell_ready(d);
	return status;
}

/* ------------------------------------------------------------------ running */

static int outcome_status(struct rngd_daemon *d)
{
	struct vrng_error error;

	switch (rngd_outlet_outcome(d->outlet, &error)) {
	case RNGD_SOURCES_FAILED:
		return fail(d, EX_UNAVAILABLE, &error);
	case RNGD_SINK_FAILED:
		return fail(d, EX_IOERR, &error);
	case RNGD_STOPPED:
	case RNGD_DONE:
	default:
		return EX_OK;
	}
}

/*
 * A feeder that hangs in the kernel still uses its source and the sink. In that
 * case nothing is freed: the process exits, and the thread with it.
 */
static int run(struct rngd_daemon *d)
{
	int status;

	rngd_daemon_wait(d);
	d->hangs = !rngd_set_stop(d->set);
	rngd_daemon_log_stats(d);
	if (d->options.test)
		rngd_daemon_log_rate(d);
	status = outcome_status(d);
	if (!d->hangs)
		return status;

	vrng_log(&d->log, VRNG_LOG_INFO,
		 "a read is still waiting in the kernel; leaving it");
	rngd_privops_end(d->privops, END_TIMEOUT);
	_exit(status);
}

static void tear_down(struct rngd_daemon *d)
{
	rngd_privops_end(d->privops, END_TIMEOUT);
	rngd_daemon_free(d);
	vrng_sink_close(d->sink);
	rngd_privops_free(d->privops);
	rngd_options_free(&d->options);
	free(d->folder);
}

/* The exit status in the starting process, or -1 in the daemon. */
static int go_background(struct rngd_daemon *d, struct vrng_error *error)
{
	int status;
	int ret = rngd_background(&d->ready_fd, &status, error);

	if (ret < 0)
		return fail(d, EX_OSERR, error);
	return ret ? status : -1;
}

static int prepare(struct rngd_daemon *d, struct vrng_error *error)
{
	vrng_locked_allow(LOCKED_MAX);
	if (vrng_crypto_init(error) || rngd_privops_make(&d->privops, error))
		return fail(d, EX_OSERR, error);
	if (vrng_selftest_all(error))
		return fail(d, EX_SOFTWARE, error);
	return parse_sources(d, error);
}

/* Memory is locked after the fork into the background: a child has no locks. */
static int daemon_main(struct rngd_daemon *d)
{
	const bool runs = d->options.action == RNGD_RUN;
	struct vrng_error error;
	int status;

	if (runs && !d->options.foreground) {
		status = go_background(d, &error);
		if (status >= 0)
			return status;
	}
	status = prepare(d, &error);
	if (!status && !runs)
		return check_all(d, &error);
	if (!status)
		status = start(d);
	if (!status)
		status = run(d);
	if (d->ready_fd >= 0)
		(void)rngd_background_tell(d->ready_fd, status);
	return status;
}

/* ------------------------------------------------------------------ showing */

static int flush_stdout(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	fprintf(stderr, "rngd: stdout: cannot write: %s\n", strerror(errno));
	return EX_IOERR;
}

static int record_source(const struct rngd_options *options,
			 struct vrng_source *source, struct vrng_error *error)
{
	const struct vrng_record record = {
		.source = source,
		.path = options->record,
		.bytes = options->record_bytes ? options->record_bytes :
			 options->restarts     ? 1000 :
						 1000000,
		.starts = options->restarts ? options->restarts : 1,
	};

	fprintf(stderr,
		"rngd: recording raw samples of %s to %s. Whoever reads this "
		"file knows them: use none of them as keys. Nothing is fed to "
		"the kernel.\n",
		vrng_source_name(source), record.path);
	return vrng_record(&record, error);
}

/* Samples of one source, for rngtest. Nothing is fed: the file's readers know them. */
static int record(const struct rngd_options *options)
{
	struct vrng_error error = { "" };
	struct vrng_source *source;
	int status = EX_USAGE;

	if (options->sources > (options->standby ? 2 : 1))
		vrng_fail(&error, EINVAL,
			  "--record takes one source; there are %zu",
			  options->sources);
	else if (!vrng_source_parse(&source, options->source[0],
				    &vrng_opener_plain, &error)) {
		status = record_source(options, source, &error);
		vrng_source_free(source);
	}
	if (status)
		fprintf(stderr, "rngd: %s\n", error.text);
	return status;
}

/* Each with a line; a start of the daemon does the same, and says nothing. */
static int show_selftest(void)
{
	struct vrng_selftest result;
	struct vrng_error error;
	bool passed = true;
	size_t n;

	if (vrng_crypto_init(&error)) {
		fprintf(stderr, "rngd: %s\n", error.text);
		return EX_SOFTWARE;
	}
	for (n = 0; vrng_selftest_run(n, &result); n++) {
		printf("%-30s %s\n", result.name,
		       !result.usable ? "not on this processor" :
		       result.passed  ? "passed" :
					"FAILED");
		passed = passed && (result.passed || !result.usable);
	}
	if (passed)
		return EX_OK;
	fputs("rngd: a self-test gave a wrong answer: this machine or its "
	      "libraries are broken\n",
	      stderr);
	return EX_SOFTWARE;
}

static int show(const struct rngd_options *options)
{
	int status = EX_OK;

	switch (options->action) {
	case RNGD_SHOW_HELP:
		rngd_options_help();
		break;
	case RNGD_SHOW_LIST:
		status = rngd_listing_sources(options) ? EX_OK : 1;
		break;
	case RNGD_SHOW_KEYS:
		rngd_listing_keys(options->shown);
		break;
	case RNGD_SELFTEST:
		status = show_selftest();
		break;
	case RNGD_RECORD:
		status = record(options);
		break;
	default:
		puts("rngd (vrng) " VRNG_VERSION);
		break;
	}
	return flush_stdout(status);
}

static int parse(struct rngd_daemon *d)
{
	struct vrng_error error;
	int ret = rngd_options_parse(&d->options, d->argc, d->argv, d->folder,
				     &error);

	if (!ret)
		return EX_OK;
	fprintf(stderr, "rngd: %s; see rngd --help\n", error.text);
	if (ret == -EINVAL || ret == -ERANGE)
		return EX_USAGE;
	return ret == -ENOMEM ? EX_OSERR : status_of(ret, EX_NOINPUT);
}

/* Save memory: the threads of rngd allocate very little. */
static void keep_one_arena(void)
{
#ifdef M_ARENA_MAX
	(void)mallopt(M_ARENA_MAX, 1);
#endif
}

int main(int argc, char **argv)
{
	struct rngd_daemon d = {
		.argc = argc,
		.argv = argv,
		.uevent_fd = -1,
		.signal_fd = -1,
		.epoll_fd = -1,
		.timer_fd = -1,
		.ready_fd = -1,
		.pid_fd = -1,
		.notify.fd = -1,
		.notice.vmclock.fd = -1,
		.notice.page.fd = -1,
		.notice.past_fd = -1,
	};
	int ret = vrng_stdfds_hold();
	int status;

	if (ret) {
		fprintf(stderr, "rngd: cannot start: %s\n", strerror(-ret));
		return EX_OSERR;
	}
	keep_one_arena();
	(void)prctl(PR_SET_DUMPABLE, 0);
	d.folder = getcwd(NULL, 0);
	status = parse(&d);
	if (status) {
		free(d.folder);
		return status;
	}
	vrng_log_init(&d.log, "rngd", NULL, VRNG_LOG_BURST);
	vrng_log_detect_journal(&d.log);
	d.log.quiet = d.options.quiet;
	d.log.debug = d.options.debug;
	if (d.options.action == RNGD_RUN ||
	    d.options.action == RNGD_TEST_CONFIG)
		status = daemon_main(&d);
	else
		status = show(&d.options);
	tear_down(&d);
	return status;
}
