// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vhost-user-rng: a virtio-rng device for QEMU and UML, in a process of its
 * own. See vhost-user-rng(8). Here: options, signals, log lines, exit status.
 */
#include <errno.h>
#include <inttypes.h>
#include <popt.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "tests/device/fault.h"
#include "tests/device/feed.h"
#include "tests/device/loop.h"
#include "tests/device/say.h"
#include "tests/device/server.h"
#include "tests/device/sigbus.h"
#include "tests/device/stats.h"
#include "vrng/source.h"
#include "vrng/version.h"

#define PROGRAM		  "vhost-user-rng"
#define PERIOD_DEFAULT_MS 65536 /* as QEMU's virtio-rng-pci */
#define PERIOD_MAX_MS	  (24 * 60 * 60 * 1000)
#define NS_PER_MS	  1000000
#define LOG_LINES	  100
#define LOG_INTERVAL_NS	  1000000000

struct options {
	char *socket_path;
	char *source;
	char *stats;
	char *fd_text;
	char *max_bytes_text;
	char *period_text;
	char **faults_text; /* NULL at its end, or NULL */
	int client;
	int capabilities;
	int version;

	int fd;
	uint64_t max_bytes; /* 0: no limit */
	uint64_t period_ms;
	struct faults faults;
};

struct log {
	uint64_t since; /* lines are counted up to here */
	uint64_t lines; /* said, and not made up for by time yet */
	uint64_t left_out;
};

struct device {
	struct options options;
	struct log log;
	struct loop loop;
	struct say say;
	struct stats stats;
	struct feed feed;
	struct vrng_source *source;
	struct server server;
	struct loop_watch signals;
};

/*
 * A guest or a front end that comes and goes, or errs, without end must not
 * fill the log: so many lines at once, then one for each interval.
 */
static void print_line(void *opaque, const char *text)
{
	struct log *log = opaque;
	uint64_t now = loop_now();
	uint64_t earned = (now - log->since) / LOG_INTERVAL_NS;

	log->since += earned * LOG_INTERVAL_NS;
	log->lines = log->lines > earned ? log->lines - earned : 0;
	if (log->lines == LOG_LINES) {
		log->left_out++;
		return;
	}
	log->lines++;
	if (log->left_out)
		fprintf(stderr, PROGRAM ": %" PRIu64 " lines were left out\n",
			log->left_out);
	log->left_out = 0;
	fprintf(stderr, PROGRAM ": %s\n", text);
}

/* ---- options ---- */

static int usage_error(const char *what, const char *why)
{
	fprintf(stderr, PROGRAM ": %s: %s; see " PROGRAM " --help\n", what,
		why);
	return EX_USAGE;
}

/* Decimal digits and nothing else; @*value is left alone without @text. */
static int number(const char *name, const char *text, uint64_t min,
		  uint64_t max, uint64_t *value)
{
	unsigned long long n;
	char *end;

	if (!text)
		return 0;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && !errno && n >= min &&
	    n <= max) {
		*value = n;
		return 0;
	}
	fprintf(stderr,
		PROGRAM ": %s=%s: not a number from %" PRIu64 " to %" PRIu64
			"\n",
		name, text, min, max);
	return EX_USAGE;
}

static int faults_parse(struct options *o)
{
	struct vrng_why why;

	for (char **spec = o->faults_text; spec && *spec; spec++) {
		if (!faults_add(&o->faults, *spec, &why))
			continue;
		fprintf(stderr, PROGRAM ": --fault=%s: %s\n", *spec, why.text);
		return EX_USAGE;
	}
	return 0;
}

static int options_check(struct options *o)
{
	uint64_t fd = 0;
	int status;

	if (!o->socket_path == !o->fd_text)
		return usage_error("--socket-path, --fd", "give one of them");
	if (o->client && !o->socket_path)
		return usage_error("--client", "needs --socket-path");
	if (o->period_text && !o->max_bytes_text)
		return usage_error("--period", "needs --max-bytes");
	status = number("--fd", o->fd_text, 0, INT32_MAX, &fd);
	if (!status)
		status = number("--max-bytes", o->max_bytes_text, 1, INT64_MAX,
				&o->max_bytes);
	if (!status)
		status = number("--period", o->period_text, 1, PERIOD_MAX_MS,
				&o->period_ms);
	if (!status)
		status = faults_parse(o);
	o->fd = (int)fd;
	return status;
}

/* clang-format off */
static int options_parse(struct options *o, int argc, char **argv)
{
	char fault_help[256] = "err on purpose, for tests of drivers: "
			       "KIND[:KEY=VALUE,...]; ";
	const struct poptOption table[] = {
		{ "socket-path", 's', POPT_ARG_STRING, &o->socket_path, 0,
		  "socket to listen on, or with --client to connect to",
		  "PATH" },
		{ "client", 'c', POPT_ARG_NONE, &o->client, 0,
		  "the front end listens, and is connected to", NULL },
		{ "fd", 'f', POPT_ARG_STRING, &o->fd_text, 0,
		  "use an inherited socket, listening or connected", "N" },
		{ "source", 'S', POPT_ARG_STRING, &o->source, 0,
		  "where bytes come from: getrandom (the default), file:PATH, "
		  "drbg:seed=HEX (tests only)", "SPEC" },
		{ "max-bytes", 'm', POPT_ARG_STRING, &o->max_bytes_text, 0,
		  "no more than N bytes in any one period", "N" },
		{ "period", 'p', POPT_ARG_STRING, &o->period_text, 0,
		  "that period, in milliseconds (default 65536)", "MS" },
		{ "fault", '\0', POPT_ARG_ARGV, &o->faults_text, 0, fault_help,
		  "SPEC" },
		{ "stats", '\0', POPT_ARG_STRING, &o->stats, 0,
		  "write counters there when a guest goes, on SIGUSR1, and at "
		  "the end", "PATH" },
		{ "print-capabilities", '\0', POPT_ARG_NONE, &o->capabilities,
		  0, "say what this back-end is, in JSON, and end", NULL },
		{ "version", 'V', POPT_ARG_NONE, &o->version, 0,
		  "print the version and end", NULL },
		POPT_AUTOHELP
		POPT_TABLEEND
	};
	/* clang-format on */
	poptContext context = poptGetContext(
		PROGRAM, argc, (const char **)(void *)argv, table, 0);
	const size_t len = strlen(fault_help);
	int status = 0;
	int rc;

	faults_list(fault_help + len, sizeof(fault_help) - len);
	rc = poptGetNextOpt(context);
	if (rc < -1)
		status = usage_error(poptBadOption(context, 0),
				     poptStrerror(rc));
	else if (poptPeekArg(context))
		status = usage_error(poptPeekArg(context), "not an option");
	else if (!o->version && !o->capabilities)
		status = options_check(o);
	poptFreeContext(context);
	return status;
}

static void options_free(struct options *o)
{
	free(o->socket_path);
	free(o->source);
	free(o->stats);
	free(o->fd_text);
	free(o->max_bytes_text);
	free(o->period_text);
	for (char **spec = o->faults_text; spec && *spec; spec++)
		free(*spec);
	free(o->faults_text);
}

/* ---- the device's surroundings ---- */

static void write_stats(struct device *d)
{
	int err;

	if (!d->options.stats)
		return;
	err = stats_write(&d->stats, d->options.stats);
	if (err)
		say(&d->say, "%s: cannot write statistics: %s",
		    d->options.stats, strerror(-err));
}

static void on_guest_gone(struct server *server)
{
	write_stats((struct device *)(void *)((char *)server -
					      offsetof(struct device, server)));
}

static void on_signal(struct loop_watch *watch)
{
	struct device *d =
		(struct device *)(void *)((char *)watch -
					  offsetof(struct device, signals));
	struct signalfd_siginfo info;

	if (read(watch->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGUSR1)
		write_stats(d);
	else
		loop_stop(&d->loop);
}

/* Blocked before anything is made, so that none is missed. */
static int signals_start(struct device *d)
{
	sigset_t set;
	int fd, err;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = loop_watch(&d->loop, &d->signals, fd);
	if (err)
		close(fd);
	return err;
}

static void signals_stop(struct device *d)
{
	int fd = d->signals.fd;

	loop_unwatch(&d->loop, &d->signals);
	if (fd >= 0)
		close(fd);
}

/* A seed is a secret, so it is the source's name that is shown. */
static int source_start(struct device *d, struct vrng_why *why)
{
	const char *spec = d->options.source ? d->options.source : "getrandom";
	int err = vrng_source_parse(&d->source, spec, why);

	if (err)
		return err;
	err = vrng_source_check(d->source, why);
	feed_init(&d->feed, d->source, &d->say, d->options.max_bytes,
		  d->options.period_ms * NS_PER_MS);
	return err;
}

static void say_ready(struct device *d)
{
	const struct options *o = &d->options;
	const char *source = vrng_source_name(d->source);

	if (!o->socket_path)
		say(&d->say, "serving fd %d, source %s", o->fd, source);
	else
		say(&d->say, "%s %s, source %s",
		    o->client ? "connecting to" : "listening on",
		    o->socket_path, source);
	for (char **spec = o->faults_text; spec && *spec; spec++)
		say(&d->say, "errs on purpose: %s", *spec);
}

static int serve(struct device *d, struct vrng_why *why)
{
	int err;

	d->server.loop = &d->loop;
	d->server.say = &d->say;
	d->server.path = d->options.socket_path;
	d->server.inherited = d->options.fd;
	d->server.client = d->options.client;
	d->server.guest_gone = on_guest_gone;
	d->server.rng.feed = &d->feed;
	d->server.rng.stats = &d->stats;
	if (d->options.faults.n)
		d->server.rng.faults = &d->options.faults;
	err = server_start(&d->server, why);
	if (err)
		return err;
	say_ready(d);
	err = loop_run(&d->loop);
	if (err)
		vrng_why(why, -err, "epoll: %s", strerror(-err));
	else if (d->server.status)
		*why = d->server.why;
	if (!err)
		err = d->server.status;
	server_stop(&d->server);
	write_stats(d);
	return err;
}

static int run(struct device *d)
{
	struct vrng_why why = { "" };
	int err = loop_init(&d->loop);

	if (!err)
		err = sigbus_install();
	if (!err)
		err = signals_start(d);
	if (err)
		vrng_why(&why, -err, "start: %s", strerror(-err));
	if (!err)
		err = source_start(d, &why);
	if (!err)
		err = serve(d, &why);
	if (err)
		say(&d->say, "%s", why.text);
	vrng_source_free(d->source);
	signals_stop(d);
	loop_done(&d->loop);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static struct device device = {
		.say = { .line = print_line, .opaque = &device.log },
		.loop = { .epoll = -1 },
		.signals = LOOP_WATCH(on_signal),
		.options = { .period_ms = PERIOD_DEFAULT_MS },
	};
	int status = options_parse(&device.options, argc, argv);

	if (!status && device.options.version)
		puts(PROGRAM " " VRNG_VERSION);
	else if (!status && device.options.capabilities)
		puts("{\n  \"type\": \"rng\"\n}");
	else if (!status)
		status = run(&device);
	options_free(&device.options);
	return status;
}
