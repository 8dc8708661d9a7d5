// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vhost-user-rng: a virtio-rng device for QEMU and UML, in a process of its
 * own. See vhost-user-backend(8). Here: signals, guests, what is shared, exit status.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "tests/device/runtime/file_helper.h"
#include "tests/device/entropy/scheduler.h"
#include "tests/device/runtime/exporter.h"
#include "tests/device/vhost-user-rng/worker.h"
#include "tests/device/vhost-user-rng/options.h"
#include "tests/device/vhost-user-rng/metrics.h"
#include "rngd/base/sandbox.h"
#include "tests/device/runtime/sandbox.h"
#include "tests/device/guest-memory/sigbus.h"
#include "tests/device/runtime/signals.h"
#include "tests/device/entropy/shared_source.h"
#include "vrng/source.h"
#include "vrng/version.h"

#define NS_PER_MS 1000000

/* Descriptors and memory besides the guests', bytes: it takes some 3 MiB. */
#define FDS  64
#define DATA (64UL << 20)

#define CONSEQUENCE "the guest gets nothing until it is back"

struct device {
	struct device_options options;
	struct vrng_log log;
	struct loop loop;
	struct vrng_log source_log;
	struct shared_source shared; /* for all guests */
	struct shared_source *own; /* or one for each, NULL: not so */
	struct prefetch_ring
		*prefetch; /* or what was fetched, one for each, NULL: not so */
	struct scheduler scheduler; /* who fetches it */
	struct exporter exporter; /* with --stats=unix:PATH */
	struct file_helper helper;
	struct device_worker *worker; /* options.sockets of them */
	unsigned int started; /* of those */
	struct loop_watch changed; /* some guest's connection has ended */
	struct loop_watch signals;
	int status;
};

#define DEVICE_OF(watch, member)                                           \
	((struct device *)(void *)((char *)(watch)-offsetof(struct device, \
							    member)))

/* ---- statistics, and files ---- */

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
	}
	text = metrics_text(rows, o->sockets, len);
	free(rows);
	return text;
}

/* By the clerk, in its process. */
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
	struct device *d = DEVICE_OF(watch, signals);

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

/* A guest whose connections are over for good has said why. */
static void on_changed(struct loop_watch *watch)
{
	struct device *d = DEVICE_OF(watch, changed);
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
	file_helper_report(&d->helper);
	if (ended == d->options.sockets)
		loop_stop(&d->loop);
}

/* @fd is the watch's then, up to watch_end(). */
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

/* ---- sources and guests ---- */

static const char *source_spec(const struct device *d)
{
	return d->options.source ? d->options.source : "getrandom";
}

static void on_source_gone(struct scheduler *scheduler)
{
	struct device *d = DEVICE_OF(scheduler, scheduler);

	vrng_log_line(
		&d->log,
		"the source's process has ended; guests get nothing any more");
	d->status = EXIT_FAILURE;
	loop_stop(&d->loop);
}

static int out_of(const char *what, int err, struct vrng_error *error)
{
	return vrng_fail(error, err, "%s: %s", what, strerror(err));
}

/* A process that fetches, and a tank for each guest. */
static int source_fetch(struct device *d, struct vrng_error *error)
{
	int room, err = source_process_start(&d->scheduler.process, &d->shared,
					     error);

	if (err)
		return err;
	d->prefetch = calloc(d->options.sockets, sizeof(*d->prefetch));
	if (!d->prefetch)
		return out_of("source", ENOMEM, error);
	room = scheduler_room();
	if (room < 0)
		return out_of("source", -room, error);
	d->scheduler.loop = &d->loop;
	d->scheduler.prefetch = d->prefetch;
	d->scheduler.gone = on_source_gone;
	err = scheduler_start(&d->scheduler, room);
	for (unsigned int i = 0; i < d->options.sockets && !err; i++) {
		err = prefetch_init(&d->prefetch[i], SCHEDULER_RING, room,
				    &d->log);
		d->scheduler.rings += !err;
	}
	return err ? out_of("source", -err, error) : 0;
}

/* Sources that compute: where one is as good as another, none is shared. */
static int source_own(struct device *d, struct vrng_error *error)
{
	int err = 0;

	d->own = calloc(d->options.sockets, sizeof(*d->own));
	if (!d->own)
		return out_of("source", ENOMEM, error);
	for (unsigned int i = 0; i < d->options.sockets && !err; i++)
		err = shared_source_init(&d->own[i], source_spec(d),
					 CONSEQUENCE, &d->worker[i].log, error);
	return err;
}

static int source_start(struct device *d, struct vrng_error *error)
{
	int err = shared_source_init(&d->shared, source_spec(d), CONSEQUENCE,
				     &d->source_log, error);

	if (err == -EINVAL)
		d->status = EX_USAGE;
	if (!err)
		err = vrng_source_check(d->shared.source, error);
	if (err)
		return err;
	switch (shared_source_kind(&d->shared)) {
	case SHARED_SOURCE_FETCHED:
		return source_fetch(d, error);
	case SHARED_SOURCE_EACH:
		return source_own(d, error);
	default:
		return 0;
	}
}

static void source_stop(struct device *d)
{
	scheduler_stop(&d->scheduler);
	for (unsigned int i = 0; i < d->scheduler.rings; i++)
		prefetch_done(&d->prefetch[i]);
	free(d->prefetch);
	for (unsigned int i = 0; d->own && i < d->options.sockets; i++)
		shared_source_done(&d->own[i]);
	free(d->own);
	shared_source_done(&d->shared);
}

static void guest_prepare(struct device *d, unsigned int i)
{
	const struct device_options *o = &d->options;
	struct device_worker *g = &d->worker[i];

	g->connection.path = o->socket_paths ? o->socket_paths[i] : NULL;
	g->connection.inherited = o->fd;
	g->connection.client = o->client;
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
		return out_of("guests", ENOMEM, error);
	for (unsigned int i = 0; i < d->options.sockets; i++)
		guest_prepare(d, i);
	return 0;
}

static int guest_begin(struct device *d, unsigned int i,
		       struct vrng_error *error)
{
	const struct device_options *o = &d->options;
	struct device_worker *g = &d->worker[i];
	struct prefetch_ring *prefetch = d->prefetch ? &d->prefetch[i] : NULL;
	struct shared_source *shared = d->own ? &d->own[i] : &d->shared;
	int err = request_buffer_init(&g->buffer, prefetch ? NULL : shared,
				      prefetch, &g->log, o->limit.max_bytes,
				      o->limit.period_ms * NS_PER_MS);

	if (err)
		return out_of("guest", -err, error);
	err = device_worker_start(g, error);
	if (err)
		request_buffer_done(&g->buffer);
	return err;
}

/* A seed is a secret, so it is the source's name that is shown. */
static void say_ready(struct device *d)
{
	const struct device_options *o = &d->options;
	const char *source = shared_source_name(&d->shared);

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

static int exporter_begin(struct device *d, struct vrng_error *error)
{
	if (!d->options.stats_socket)
		return 0;
	d->exporter.loop = &d->loop;
	d->exporter.text = stats_text;
	d->exporter.opaque = d;
	return exporter_start(&d->exporter, d->options.stats_socket, error);
}

/* From here on nothing is opened, and no process made. */
static int lock_up(struct device *d, struct vrng_error *error)
{
	const unsigned int guests = d->options.sockets;
	const struct sandbox box = { .fds = FDS + DEVICE_WORKER_FDS * guests,
				     .data = DATA + DEVICE_WORKER_DATA * guests,
				     .connects = d->options.client };
	int err = file_helper_start(&d->helper, error);

	if (err)
		return err;
	if (vrng_sandbox_is_left_out())
		vrng_log_line(&d->log, "built without its sandbox");
	return sandbox_enter(&box, error);
}

static int guests_start(struct device *d, struct vrng_error *error)
{
	int err = exporter_begin(d, error);

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
 * All within one second in all. One that hangs (a page of its guest's memory
 * does not come) is left behind, and with it all that it may use.
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

/* ---- beginning and end ---- */

static int surroundings_start(struct device *d, struct vrng_error *error)
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
	int err = surroundings_start(d, &error);
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
	file_helper_end(&d->helper);
	exporter_stop(&d->exporter);
	if (!all) {
		source_process_stop(&d->scheduler.process);
		_exit(d->status);
	}
	source_stop(d);
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
		.scheduler = { .process = { .sock = -1 },
			       .bytes = { .fd = -1 },
			       .room = { .fd = -1 } },
		.options = { .limit = { .period_ms = PERIOD_DEFAULT_MS } },
	};
	int status = device_options_parse(&device.options, argc, argv);

	vrng_log_init(&device.log, PROGRAM, NULL, VRNG_LOG_BURST_HOST);
	vrng_log_init(&device.source_log, PROGRAM, NULL, VRNG_LOG_BURST_HOST);
	if (!status && device.options.version)
		puts(PROGRAM " " VRNG_VERSION);
	else if (!status && device.options.capabilities)
		puts("{\n  \"type\": \"rng\"\n}");
	else if (!status)
		status = run(&device);
	device_options_free(&device.options);
	return status;
}
