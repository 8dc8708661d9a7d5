// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vhost-user-rng: a virtio-rng device for QEMU and UML, in a process of its
 * own. See vhost-user-rng(8). This file has signals, the start and end of the
 * workers, and the exit status.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/base/clock.h"
#include "rngd/base/log.h"
#include "rngd/base/sandbox.h"
#include "tests/device/guest-memory/sigbus.h"
#include "tests/device/runtime/exporter.h"
#include "tests/device/runtime/file_helper.h"
#include "tests/device/runtime/sandbox.h"
#include "tests/device/runtime/signals.h"
#include "tests/device/vhost-user-rng/dialer.h"
#include "tests/device/vhost-user-rng/metrics.h"
#include "tests/device/vhost-user-rng/options.h"
#include "tests/device/vhost-user-rng/sources.h"
#include "tests/device/vhost-user-rng/worker.h"
#include "vrng/version.h"

/*
 * Limits of the sandbox without guests: descriptors, and bytes (3 MiB are
 * used).
 */
#define FDS  64
#define DATA (64UL << 20)

struct device {
	struct device_options options;
	struct vrng_log log;
	struct loop loop;
	struct device_sources sources;
	struct exporter exporter; /* with --stats=unix:PATH */
	struct file_helper helper;
	struct dialer dialer; /* with --client */
	struct device_worker *worker; /* options.sockets of them */
	unsigned int started; /* how many of those listen or connect */
	struct loop_watch changed; /* eventfd: a guest or a worker has gone */
	struct loop_watch signals;
	int status;
};

/* ---- statistics and sockets ---- */

static char *stats_text(void *opaque, size_t *len)
{
	const struct device *d = opaque;
	const struct device_options *o = &d->options;
	struct metrics_row *rows = calloc(o->sockets, sizeof(*rows));
	char fd[32], *text;

	if (!rows)
		return NULL;
	snprintf(fd, sizeof(fd), "fd %d", o->fd);
	for (unsigned int i = 0; i < o->sockets; i++) {
		rows[i].socket = o->socket_paths ? o->socket_paths[i] : fd;
		rows[i].metrics = metrics_look(&d->worker[i].metrics);
		rows[i].source = device_sources_counts(&d->sources, i);
		rows[i].faults = o->faults.n;
	}
	text = metrics_text(rows, o->sockets, o->openmetrics, len);
	free(rows);
	return text;
}

/* Runs in the file helper's process. */
static void remove_sockets(void *opaque)
{
	struct device *d = opaque;

	for (unsigned int i = 0; i < d->started; i++)
		vrng_listener_remove(&d->worker[i].connection.listener);
	vrng_listener_remove(&d->exporter.listener);
}

/* ---- events ---- */

static void on_signal(struct loop_watch *watch)
{
	struct device *d = VRNG_CONTAINER_OF(watch, struct device, signals);

	switch (signals_take(watch->fd)) {
	case SIGNALS_REPORT:
		file_helper_report(&d->helper);
		break;
	case SIGNALS_END:
		loop_stop(&d->loop);
		break;
	default:
		break;
	}
}

/* A worker that has ended has logged why. */
static void on_changed(struct loop_watch *watch)
{
	struct device *d = VRNG_CONTAINER_OF(watch, struct device, changed);
	unsigned int ended = 0;
	eventfd_t n;

	eventfd_read(watch->fd, &n);
	for (unsigned int i = 0; i < d->options.sockets; i++) {
		if (!device_worker_ended(&d->worker[i]))
			continue;
		ended++;
		if (d->worker[i].connection.status)
			d->status = EXIT_FAILURE;
	}
	file_helper_changed(&d->helper);
	if (ended == d->options.sockets)
		loop_stop(&d->loop);
}

/* @watch owns @fd then, up to watch_end(). */
static int watch_begin(struct device *d, struct loop_watch *watch, int fd)
{
	int err = fd < 0 ? fd : loop_watch(&d->loop, watch, fd);

	if (err && fd >= 0)
		close(fd);
	return err;
}

static int changed_start(struct device *d)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	return watch_begin(d, &d->changed, fd < 0 ? -errno : fd);
}

static void watch_end(struct device *d, struct loop_watch *watch)
{
	int fd = watch->fd;

	loop_unwatch(&d->loop, watch);
	if (fd >= 0)
		close(fd);
}

/* ---- source and guests ---- */

static void on_source_gone(struct device_sources *sources)
{
	struct device *d = VRNG_CONTAINER_OF(sources, struct device, sources);

	vrng_log_line(
		&d->log,
		"the source's process has ended; guests get nothing any more");
	d->status = EXIT_FAILURE;
	loop_stop(&d->loop);
}

static int source_start(struct device *d, struct vrng_error *error)
{
	const char *spec = d->options.source;
	int err;

	d->sources.spec = spec ? spec : "getrandom";
	d->sources.loop = &d->loop;
	d->sources.log = &d->log;
	d->sources.workers = d->worker;
	d->sources.n = d->options.sockets;
	d->sources.gone = on_source_gone;
	err = device_sources_parse(&d->sources, error);
	if (err == -EINVAL)
		d->status = EX_USAGE;
	return err ? err : device_sources_start(&d->sources, error);
}

static void guest_prepare(struct device *d, unsigned int i)
{
	const struct device_options *o = &d->options;
	struct device_worker *g = &d->worker[i];

	g->connection.path = o->socket_paths ? o->socket_paths[i] : NULL;
	g->connection.inherited = o->fd;
	g->connection.client = o->client;
	g->connection.line = -1;
	g->connection.as = access_is_given(&o->access) ? &o->as : NULL;
	g->faults = o->faults;
	g->changed = d->changed.fd;
	vrng_log_init(&g->log, PROGRAM,
		      o->sockets > 1 ? g->connection.path : NULL,
		      VRNG_LOG_BURST_HOST);
}

static int guests_make(struct device *d, struct vrng_error *error)
{
	d->worker = calloc(d->options.sockets, sizeof(*d->worker));
	if (!d->worker)
		return vrng_fail(error, ENOMEM, "guests: %m");
	for (unsigned int i = 0; i < d->options.sockets; i++)
		guest_prepare(d, i);
	return 0;
}

static int guest_begin(struct device *d, unsigned int i,
		       struct vrng_error *error)
{
	const struct device_options *o = &d->options;
	struct device_worker *g = &d->worker[i];
	int err = device_sources_attach(&d->sources, i, o->limit.max_bytes,
					o->limit.period_ms * VRNG_NS_PER_MS);

	if (err)
		return vrng_fail(error, -err, "guest: %m");
	err = device_worker_start(g, error);
	if (err)
		request_buffer_done(&g->buffer);
	return err;
}

/* Show the source's name, not its SPEC: a seed is a secret. */
static void say_ready(struct device *d)
{
	const struct device_options *o = &d->options;
	const char *source = device_sources_name(&d->sources);

	for (unsigned int i = 0; i < o->sockets; i++) {
		if (!o->socket_paths)
			vrng_log_line(&d->log, "serving fd %d, source %s",
				      o->fd, source);
		else
			vrng_log_line(&d->log, "%s %s, source %s",
				      o->client ? "connecting to" :
						  "listening on",
				      o->socket_paths[i], source);
	}
	for (char **spec = o->faults_text; spec && *spec; spec++)
		vrng_log_line(&d->log, "errs on purpose: %s", *spec);
}

static int lines_begin(struct device *d, struct vrng_error *error)
{
	const struct device_options *o = &d->options;
	int err;

	if (!o->client)
		return 0;
	err = dialer_start(&d->dialer, o->socket_paths, o->sockets, error);
	for (unsigned int i = 0; i < o->sockets && !err; i++) {
		struct connection *c = &d->worker[i].connection;

		c->line = dialer_line(&d->dialer, i, error);
		err = c->line < 0 ? c->line : 0;
	}
	return err;
}

static int exporter_begin(struct device *d, struct vrng_error *error)
{
	if (!d->options.stats_socket)
		return 0;
	d->exporter.loop = &d->loop;
	d->exporter.text = stats_text;
	d->exporter.opaque = d;
	return exporter_start(&d->exporter, d->options.stats_socket, error);
}

/* From here on no file is opened and no process is made. */
static int lock_up(struct device *d, struct vrng_error *error)
{
	const unsigned int guests = d->options.sockets;
	const struct sandbox box = {
		.fds = FDS + DEVICE_WORKER_FDS * guests,
		.data = DATA + DEVICE_WORKER_DATA * guests,
	};
	int err = file_helper_start(&d->helper, error);

	if (err)
		return err;
	if (vrng_sandbox_is_left_out())
		vrng_log_line(&d->log, "built without its sandbox");
	return sandbox_enter(&box, error);
}

static int guests_start(struct device *d, struct vrng_error *error)
{
	int err = lines_begin(d, error);

	if (!err)
		err = exporter_begin(d, error);

	while (d->started < d->options.sockets && !err) {
		err = guest_begin(d, d->started, error);
		if (!err)
			d->started++;
	}
	if (!err)
		err = lock_up(d, error);
	if (err)
		return err;
	say_ready(d);
	for (unsigned int i = 0; i < d->started && !err; i++)
		err = device_worker_run(&d->worker[i], error);
	return err;
}

/*
 * Wait for all workers, one second in all. A worker may hang, if a page of its
 * guest's memory does not come: false then, and nothing that it uses may be
 * freed.
 */
static bool guests_stop(struct device *d)
{
	uint64_t until = vrng_now() + DEVICE_WORKER_END_NS;
	bool all = true;

	for (unsigned int i = 0; i < d->started; i++)
		device_worker_stop(&d->worker[i]);
	for (unsigned int i = 0; i < d->started; i++) {
		if (device_worker_join(&d->worker[i], until)) {
			request_buffer_done(&d->worker[i].buffer);
			continue;
		}
		all = false;
		vrng_log_line(
			&d->worker[i].log,
			"the guest's memory does not answer; it is left behind");
	}
	return all;
}

/* ---- start and stop ---- */

static int loop_start(struct device *d, struct vrng_error *error)
{
	int err = loop_init(&d->loop);

	if (!err)
		err = sigbus_install();
	if (!err)
		err = watch_begin(d, &d->signals, signals_open());
	if (!err)
		err = changed_start(d);
	return err ? vrng_fail(error, -err, "start: %s", strerror(-err)) : 0;
}

static int serve(struct device *d, struct vrng_error *error)
{
	int err = guests_start(d, error);

	if (err)
		return err;
	err = loop_run(&d->loop);
	return err ? vrng_fail(error, -err, "epoll: %s", strerror(-err)) : 0;
}

static int run(struct device *d)
{
	struct vrng_error error = { "" };
	int err = loop_start(d, &error);
	bool all;

	d->helper.loop = &d->loop;
	d->helper.text = stats_text;
	d->helper.stats = d->options.stats_socket ? NULL : d->options.stats;
	d->helper.log = &d->log;
	d->helper.remove_sockets = remove_sockets;
	d->helper.opaque = d;

	if (!err)
		err = guests_make(d, &error);
	if (!err)
		err = source_start(d, &error);
	if (!err)
		err = serve(d, &error);
	if (err)
		vrng_log_line(&d->log, "%s", error.text);
	if (err && !d->status)
		d->status = EXIT_FAILURE;
	all = guests_stop(d);
	dialer_stop(&d->dialer);
	file_helper_end(&d->helper);
	exporter_stop(&d->exporter);
	if (!all) {
		device_sources_abandon(&d->sources);
		_exit(d->status);
	}
	device_sources_stop(&d->sources);
	free(d->worker);
	watch_end(d, &d->changed);
	watch_end(d, &d->signals);
	loop_done(&d->loop);
	return d->status;
}

int main(int argc, char **argv)
{
	static struct device device = {
		.loop = { .epoll = -1 },
		.signals = LOOP_WATCH(on_signal),
		.changed = LOOP_WATCH(on_changed),
		.helper = { .sock = -1, .answer = { .fd = -1 } },
		.exporter = { .listener = { .fd = -1 },
			      .accept = { .fd = -1 },
			      .again = { .fd = -1 } },
		.dialer = { .sock = -1 },
		.sources = DEVICE_SOURCES,
		.options = { .limit = { .period_ms = PERIOD_DEFAULT_MS } },
	};
	int status = device_options_parse(&device.options, argc, argv);

	vrng_log_init(&device.log, PROGRAM, NULL, VRNG_LOG_BURST_HOST);
	if (!status && device.options.version)
		puts(PROGRAM " " VRNG_VERSION);
	else if (!status && device.options.capabilities)
		puts("{\n  \"type\": \"rng\"\n}");
	else if (!status)
		status = run(&device);
	device_options_free(&device.options);
	return status;
}
