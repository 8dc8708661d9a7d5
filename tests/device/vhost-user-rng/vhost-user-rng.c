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
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "rngd/base/activation.h"
#include "rngd/base/array.h"
#include "rngd/base/clock.h"
#include "rngd/base/locked.h"
#include "rngd/base/log.h"
#include "rngd/base/notify.h"
#include "rngd/base/sandbox.h"
#include "tests/device/guest-memory/sigbus.h"
#include "tests/device/runtime/exporter.h"
#include "tests/device/runtime/fork_signs.h"
#include "tests/device/runtime/file_helper.h"
#include "tests/device/runtime/sandbox.h"
#include "tests/device/runtime/signals.h"
#include "tests/device/vhost-user-rng/dialer.h"
#include "tests/device/vhost-user-rng/folder.h"
#include "tests/device/vhost-user-rng/guests.h"
#include "tests/device/vhost-user-rng/handovers.h"
#include "tests/device/vhost-user-rng/metrics.h"
#include "tests/device/vhost-user-rng/options.h"
#include "tests/device/vhost-user-rng/sources.h"
#include "vrng/version.h"

/*
 * Limits of the sandbox without guests: descriptors, and bytes (3 MiB are
 * used).
 */
#define FDS  64
#define DATA (64UL << 20)
/* Bytes that a folder of guests may lock, if the system allows it. */
#define LOCKED (1UL << 30)

struct device {
	struct device_options options;
	struct vrng_log log;
	struct vrng_notify notify;
	struct loop loop;
	struct device_sources sources;
	struct fork_signs signs;
	struct exporter exporter; /* with --stats=unix:PATH */
	struct file_helper helper;
	struct dialer dialer; /* with --client */
	struct folder folder; /* with --socket-dir */
	struct total_limit total; /* likewise */
	struct guests guests;
	struct handovers handovers; /* of the process before this one */
	struct loop_watch changed; /* eventfd: a guest or a worker has gone */
	struct loop_watch signals;
	int status;
};

/* ---- statistics and sockets ---- */

static const char *process_name(const struct device *d)
{
	if (d->options.socket_dir)
		return d->options.socket_dir;
	return d->guests.first ? d->guests.first->name : "";
}

static char *stats_text(void *opaque, size_t *len)
{
	const struct device *d = opaque;
	struct metrics_total total = { .process = process_name(d),
				       .guests = d->guests.n,
				       .metrics = d->guests.past };
	struct metrics_row *rows = calloc(d->guests.n + 1, sizeof(*rows));
	unsigned int n = 0;
	char *text;

	if (!rows)
		return NULL;
	for (const struct guest *g = d->guests.first; g; g = g->next) {
		const struct metrics now = metrics_look(&g->worker.metrics);

		metrics_sum(&total.metrics, &now);
		if (g->leaves)
			continue;
		rows[n].socket = g->name;
		rows[n].metrics = now;
		rows[n].source = device_sources_counts(&d->sources, &g->share);
		rows[n++].faults = d->options.faults.n;
	}
	text = metrics_text(&total, rows, n, d->options.openmetrics, len);
	free(rows);
	return text;
}

/* Runs in the file helper's process. */
static void remove_sockets(void *opaque)
{
	struct device *d = opaque;

	if (!d->options.hand_over)
		guests_remove_sockets(&d->guests);
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

static void on_changed(struct loop_watch *watch)
{
	struct device *d = VRNG_CONTAINER_OF(watch, struct device, changed);
	eventfd_t n;

	eventfd_read(watch->fd, &n);
	if (!guests_reap(&d->guests) && !d->options.socket_dir)
		loop_stop(&d->loop);
	if (d->guests.failed && !d->options.socket_dir)
		d->status = EXIT_FAILURE;
	file_helper_changed(&d->helper);
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

/* The next process would give the same bytes once more. */
static int hand_over_check(struct device *d, struct vrng_error *error)
{
	const struct vrng_source *source = d->sources.shared.source;

	if (!vrng_source_is_deterministic(source) &&
	    vrng_source_origin(source) != VRNG_ORIGIN_STORED)
		return 0;
	d->status = EX_USAGE;
	return vrng_fail(error, EINVAL,
			 "%s begins anew in each process, and its bytes would "
			 "be given out twice; leave out --hand-over",
			 device_sources_name(&d->sources));
}

static int source_start(struct device *d, struct vrng_error *error)
{
	const char *spec = d->options.source;
	int err;

	d->sources.spec = spec ? spec : "getrandom";
	d->sources.loop = &d->loop;
	d->sources.log = &d->log;
	d->sources.gone = on_source_gone;
	d->signs.page_path = d->options.fork_page;
	fork_signs_open(&d->signs);
	d->sources.signs = &d->signs;
	err = helper_user_find(&d->sources.user, d->options.source_user, error);
	if (!err)
		err = device_sources_parse(&d->sources, error);
	if (err == -EINVAL)
		d->status = EX_USAGE;
	if (!err && d->options.hand_over)
		err = hand_over_check(d, error);
	return err ? err : device_sources_start(&d->sources, error);
}

/* ---- what is served ---- */

static int add_guest(struct device *d, struct guest_setup *setup,
		     struct vrng_error *error)
{
	const struct device_options *o = &d->options;

	setup->as = access_is_given(&o->access) ? &o->as : NULL;
	setup->access_platform = o->access_platform;
	setup->max_bytes = o->limit.max_bytes;
	setup->period_ns = o->limit.period_ms * VRNG_NS_PER_MS;
	setup->handed = handovers_take(&d->handovers, setup->name);
	return guests_add(&d->guests, setup, error) ? 0 : -EIO;
}

static int add_paths(struct device *d, struct vrng_error *error)
{
	const struct device_options *o = &d->options;
	int err = 0;

	if (o->client)
		err = dialer_start(&d->dialer, o->socket_paths, o->sockets,
				   error);
	for (unsigned int i = 0; i < o->sockets && !err; i++) {
		struct guest_setup setup = { .name = o->socket_paths[i],
					     .inherited = -1,
					     .client = o->client,
					     .line = -1 };

		if (o->client)
			setup.line = dialer_line(&d->dialer, i, error);
		err = o->client && setup.line < 0 ? setup.line :
						    add_guest(d, &setup, error);
	}
	return err;
}

/* By its path, or else by its number. */
static void name_fd(int fd, char *name, size_t size)
{
	struct sockaddr_un at = { 0 };
	socklen_t len = sizeof(at);

	if (!getsockname(fd, (struct sockaddr *)&at, &len) &&
	    at.sun_family == AF_UNIX && at.sun_path[0])
		snprintf(name, size, "%.*s", (int)sizeof(at.sun_path),
			 at.sun_path);
	else
		snprintf(name, size, "fd %d", fd);
}

static int add_fd(struct device *d, int fd, const char *name,
		  struct vrng_error *error)
{
	struct guest_setup setup = { .name = name,
				     .inherited = fd,
				     .keeps_listener = true };

	return add_guest(d, &setup, error);
}

static int add_passed(struct device *d, struct vrng_error *error)
{
	const int n = vrng_activation_count();
	char name[sizeof(struct sockaddr_un)];
	int err = 0;

	for (int i = 0; i < n && !err; i++) {
		const int fd = VRNG_ACTIVATION_FIRST + i;

		if (vrng_activation_is_named(i, HANDOVER_NAME))
			continue;
		err = vrng_activation_take(fd, error);
		if (err)
			break;
		name_fd(fd, name, sizeof(name));
		if (guests_find(&d->guests, name))
			return vrng_fail(error, EEXIST,
					 "fd %d: %s: passed twice", fd, name);
		err = add_fd(d, fd, name, error);
	}
	return err;
}

/* ---- a folder of guests ---- */

/* Without @fd the guest goes on at the socket that was handed over. */
static void add_news(struct device *d, const struct folder_news *news, int fd)
{
	struct guest_setup setup = { .name = news->path,
				     .inherited = fd,
				     .max_bytes = news->max_bytes,
				     .period_ns =
					     news->period_ms * VRNG_NS_PER_MS };
	struct vrng_error error;
	struct guest *guest;

	setup.handed = handovers_take(&d->handovers, news->path);
	if (fd < 0 && setup.handed) {
		setup.inherited = setup.handed->listener;
		setup.handed->listener = -1;
	}
	if (setup.inherited < 0) {
		handover_free(setup.handed);
		vrng_log_line(&d->log,
			      "%s: cannot be served: no descriptor is left; "
			      "raise the limit (ulimit -n, LimitNOFILE=)",
			      news->path);
		return;
	}
	guest = guests_add(&d->guests, &setup, &error);
	if (guest && !guests_run(&d->guests, &error)) {
		vrng_log_line(&guest->worker.log, "listening");
		return;
	}
	vrng_log_line(&d->log, "%s: cannot be served: %s", news->path,
		      error.text);
	if (guest)
		guests_remove(&d->guests, guest);
}

static void remove_guest(struct device *d, struct guest *guest)
{
	vrng_log_line(&guest->worker.log, "removed");
	guests_remove(&d->guests, guest);
	guests_reap(&d->guests);
}

static void limit_all(struct device *d, uint64_t max, uint64_t period_ns)
{
	total_limit_set(&d->total, max, period_ns);
	guests_again(&d->guests);
}

static bool was_listening(const struct folder *folder, const char *path)
{
	const struct device *d =
		VRNG_CONTAINER_OF(folder, struct device, folder);

	return handovers_listens(&d->handovers, path);
}

static void all_read(struct device *d)
{
	handovers_drop(&d->handovers, &d->log);
	vrng_log_line(&d->log, "watching %s, guests: %u, source %s",
		      d->folder.options, d->guests.n,
		      device_sources_name(&d->sources));
	vrng_notify_say(&d->notify, "READY=1");
}

static void on_news(struct folder *folder, const struct folder_news *news,
		    int fd)
{
	struct device *d = VRNG_CONTAINER_OF(folder, struct device, folder);
	const uint64_t period_ns = news->period_ms * VRNG_NS_PER_MS;
	struct guest *guest = guests_find(&d->guests, news->path);

	if (news->change == FOLDER_ADDED)
		add_news(d, news, fd);
	else if (fd >= 0)
		close(fd);
	if (news->change == FOLDER_CHANGED && guest)
		device_worker_limit(&guest->worker, news->max_bytes, period_ns);
	else if (news->change == FOLDER_REMOVED && guest)
		remove_guest(d, guest);
	else if (news->change == FOLDER_TOTAL)
		limit_all(d, news->max_bytes, period_ns);
	else if (news->change == FOLDER_READ)
		all_read(d);
}

static int folder_begin(struct device *d, struct vrng_error *error)
{
	const struct device_options *o = &d->options;

	d->folder.loop = &d->loop;
	d->folder.log = &d->log;
	d->folder.sockets = o->socket_dir;
	d->folder.options = o->options_dir ? o->options_dir : o->socket_dir;
	d->folder.defaults.max_bytes = o->limit.max_bytes;
	d->folder.defaults.period_ms = o->limit.period_ms;
	d->folder.defaults.access = o->access;
	d->folder.news = on_news;
	d->folder.listens = was_listening;
	total_limit_init(&d->total);
	d->guests.total = &d->total;
	d->guests.keeps_none = true;
	vrng_locked_allow(LOCKED);
	return folder_start(&d->folder, error);
}

static int add_guests(struct device *d, struct vrng_error *error)
{
	const struct device_options *o = &d->options;
	char name[32];

	handovers_receive(&d->handovers, &d->notify, &d->log);
	d->guests.sources = &d->sources;
	d->guests.faults = &o->faults;
	d->guests.changed = d->changed.fd;
	d->guests.named = o->sockets > 1 || o->passed > 1 || o->socket_dir;
	if (o->socket_dir)
		return folder_begin(d, error);
	if (o->passed)
		return add_passed(d, error);
	if (o->socket_paths)
		return add_paths(d, error);
	snprintf(name, sizeof(name), "fd %d", o->fd);
	return add_fd(d, o->fd, name, error);
}

/* Show the source's name, not its SPEC: a seed is a secret. */
static void say_ready(struct device *d)
{
	const struct device_options *o = &d->options;
	const char *source = device_sources_name(&d->sources);
	const char *what = o->fd_text ? "serving" : "listening on";

	if (o->client)
		what = "connecting to";
	for (const struct guest *g = d->guests.first; g; g = g->next)
		vrng_log_line(&d->log, "%s %s, source %s", what, g->name,
			      source);
	for (char **spec = o->faults_text; spec && *spec; spec++)
		vrng_log_line(&d->log, "errs on purpose: %s", *spec);
	if (o->socket_dir) /* all_read() does it */
		return;
	handovers_drop(&d->handovers, &d->log);
	vrng_notify_say(&d->notify, "READY=1");
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

/*
 * As many as the system allows: they are what bounds the number of guests, and the number
 * of descriptors that wait for other processes of this user while some are handed over.
 */
static unsigned long descriptors(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) ? FDS : limit.rlim_max;
}

/* From here on no file is opened and no process is made. */
static int lock_up(struct device *d, struct vrng_error *error)
{
	const unsigned int guests = d->guests.n;
	struct sandbox box = {
		.fds = FDS + DEVICE_WORKER_FDS * guests,
		.data = DATA + DEVICE_WORKER_DATA * guests,
		.hands_over = d->options.hand_over,
	};
	int err = file_helper_start(&d->helper, error);

	if (err)
		return err;
	if (vrng_sandbox_is_left_out())
		vrng_log_line(&d->log, "built without its sandbox");
	if (d->options.hand_over)
		box.fds = descriptors();
	if (d->options.socket_dir) {
		box.adds = true;
		box.fds = descriptors();
		box.data = DATA + DEVICE_WORKER_DATA *
					  (box.fds / DEVICE_WORKER_FDS_USED);
	}
	return sandbox_enter(&box, error);
}

static int start_all(struct device *d, struct vrng_error *error)
{
	int err = exporter_begin(d, error);

	if (!err)
		err = add_guests(d, error);
	if (!err)
		err = lock_up(d, error);
	if (err)
		return err;
	say_ready(d);
	return guests_run(&d->guests, error);
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
	int err = start_all(d, error);

	if (err)
		return err;
	err = loop_run(&d->loop);
	return err ? vrng_fail(error, -err, "epoll: %s", strerror(-err)) : 0;
}

/* False: one hangs, as guests_stop() has it. */
static bool end_guests(struct device *d)
{
	unsigned int n;
	bool all;

	if (!d->options.hand_over)
		return guests_stop(&d->guests);
	all = guests_hand_over(&d->guests, &d->notify, &n);
	if (d->guests.n)
		vrng_log_line(&d->log, "left to the next process, guests: %u",
			      n);
	return all;
}

static int run(struct device *d)
{
	struct vrng_error error = { "" };
	int err = loop_start(d, &error);
	bool all;

	vrng_notify_init(&d->notify);
	d->helper.loop = &d->loop;
	d->helper.text = stats_text;
	d->helper.stats = d->options.stats_socket ? NULL : d->options.stats;
	d->helper.log = &d->log;
	d->helper.signs = &d->signs;
	d->helper.remove_sockets = remove_sockets;
	d->helper.opaque = d;

	if (!err)
		err = source_start(d, &error);
	if (!err)
		err = serve(d, &error);
	if (err)
		vrng_log_line(&d->log, "%s", error.text);
	if (err && !d->status)
		d->status = EXIT_FAILURE;
	vrng_notify_say(&d->notify, "STOPPING=1");
	handovers_drop(&d->handovers, NULL);
	/* Without that helper there is no sandbox either. */
	if (d->helper.pid <= 0 && !d->options.hand_over)
		guests_remove_sockets(&d->guests);
	all = end_guests(d);
	dialer_stop(&d->dialer);
	folder_stop(&d->folder, d->options.hand_over);
	file_helper_end(&d->helper);
	exporter_stop(&d->exporter);
	if (!all) {
		device_sources_abandon(&d->sources);
		_exit(d->status);
	}
	guests_free(&d->guests);
	device_sources_stop(&d->sources);
	fork_signs_close(&d->signs);
	watch_end(d, &d->changed);
	watch_end(d, &d->signals);
	loop_done(&d->loop);
	vrng_notify_close(&d->notify);
	return d->status;
}

int main(int argc, char **argv)
{
	static struct device device = {
		.loop = { .epoll = -1 },
		.signals = LOOP_WATCH(on_signal),
		.changed = LOOP_WATCH(on_changed),
		.helper = { .sock = -1,
			    .answer = { .fd = -1 },
			    .found = { .fd = -1 } },
		.exporter = { .listener = { .fd = -1 },
			      .accept = { .fd = -1 },
			      .again = { .fd = -1 },
			      .client = { .fd = -1 } },
		.dialer = { .sock = -1 },
		.folder = { .sock = -1 },
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
