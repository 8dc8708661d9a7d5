// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vhost-user-rng: a virtio-rng device for QEMU and UML, in a process of its
 * own. See vhost-user-rng(8). Here: signals, guests, what is shared, exit status.
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
#include "tests/device/runtime/sandbox.h"
#include "tests/device/guest-memory/sigbus.h"
#include "tests/device/runtime/signals.h"
#include "tests/device/entropy/source.h"
#include "vrng/source.h"
#include "vrng/version.h"

#define NS_PER_MS 1000000

/* Descriptors and memory besides the guests', bytes: it takes some 3 MiB. */
#define FDS  64
#define DATA (64UL << 20)

#define CONSEQUENCE "the guest gets nothing until it is back"

struct device {
	struct options options;
	struct journal journal;
	struct loop loop;
	struct journal source_journal;
	struct supply supply; /* for all guests */
	struct supply *own; /* or one for each, NULL: not so */
	struct tank *tank; /* or what was fetched, one for each, NULL: not so */
	struct dealer dealer; /* who fetches it */
	struct exporter exporter; /* with --stats=unix:PATH */
	struct clerk clerk;
	struct guest *guest; /* options.sockets of them */
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
	const struct options *o = &d->options;
	struct report_row *rows = calloc(o->sockets, sizeof(*rows));
	char fd[32], *text;

	if (!rows)
		return NULL;
	snprintf(fd, sizeof(fd), "fd %d", o->fd);
	for (unsigned int i = 0; i < o->sockets; i++) {
		rows[i].socket = o->socket_paths ? o->socket_paths[i] : fd;
		rows[i].stats = stats_look(&d->guest[i].stats);
	}
	text = report_text(rows, o->sockets, len);
	free(rows);
	return text;
}

/* By the clerk, in its process. */
static void remove_sockets(void *opaque)
{
	struct device *d = opaque;

	for (unsigned int i = 0; i < d->started; i++)
		vrng_listener_remove(&d->guest[i].server.listener);
	vrng_listener_remove(&d->exporter.listener);
}

/* ---- events ---- */

static void on_signal(struct loop_watch *watch)
{
	struct device *d = DEVICE_OF(watch, signals);

	switch (signals_take(watch->fd)) {
	case SIGNALS_REPORT:
		clerk_report(&d->clerk);
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
		if (!guest_ended(&d->guest[i]))
			continue;
		ended++;
		if (d->guest[i].server.status)
			d->status = EXIT_FAILURE;
	}
	clerk_report(&d->clerk);
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

static void on_source_gone(struct dealer *dealer)
{
	struct device *d = DEVICE_OF(dealer, dealer);

	say(&d->journal.say,
	    "the source's process has ended; guests get nothing any more");
	d->status = EXIT_FAILURE;
	loop_stop(&d->loop);
}

static int out_of(const char *what, int err, struct vrng_why *why)
{
	return vrng_why(why, err, "%s: %s", what, strerror(err));
}

/* A process that fetches, and a tank for each guest. */
static int source_fetch(struct device *d, struct vrng_why *why)
{
	int room, err = fetch_start(&d->dealer.fetch, &d->supply, why);

	if (err)
		return err;
	d->tank = calloc(d->options.sockets, sizeof(*d->tank));
	if (!d->tank)
		return out_of("source", ENOMEM, why);
	room = dealer_room();
	if (room < 0)
		return out_of("source", -room, why);
	d->dealer.loop = &d->loop;
	d->dealer.tank = d->tank;
	d->dealer.gone = on_source_gone;
	err = dealer_start(&d->dealer, room);
	for (unsigned int i = 0; i < d->options.sockets && !err; i++) {
		err = tank_init(&d->tank[i], DEALER_TANK, room,
				&d->journal.say);
		d->dealer.tanks += !err;
	}
	return err ? out_of("source", -err, why) : 0;
}

/* Sources that compute: where one is as good as another, none is shared. */
static int source_own(struct device *d, struct vrng_why *why)
{
	int err = 0;

	d->own = calloc(d->options.sockets, sizeof(*d->own));
	if (!d->own)
		return out_of("source", ENOMEM, why);
	for (unsigned int i = 0; i < d->options.sockets && !err; i++)
		err = supply_init(&d->own[i], source_spec(d), CONSEQUENCE,
				  &d->guest[i].journal.say, why);
	return err;
}

static int source_start(struct device *d, struct vrng_why *why)
{
	int err = supply_init(&d->supply, source_spec(d), CONSEQUENCE,
			      &d->source_journal.say, why);

	if (err == -EINVAL)
		d->status = EX_USAGE;
	if (!err)
		err = vrng_source_check(d->supply.source, why);
	if (err)
		return err;
	switch (supply_kind(&d->supply)) {
	case SUPPLY_FETCHED:
		return source_fetch(d, why);
	case SUPPLY_OWN:
		return source_own(d, why);
	default:
		return 0;
	}
}

static void source_stop(struct device *d)
{
	dealer_stop(&d->dealer);
	for (unsigned int i = 0; i < d->dealer.tanks; i++)
		tank_done(&d->tank[i]);
	free(d->tank);
	for (unsigned int i = 0; d->own && i < d->options.sockets; i++)
		supply_done(&d->own[i]);
	free(d->own);
	supply_done(&d->supply);
}

static void guest_prepare(struct device *d, unsigned int i)
{
	const struct options *o = &d->options;
	struct guest *g = &d->guest[i];

	g->server.path = o->socket_paths ? o->socket_paths[i] : NULL;
	g->server.inherited = o->fd;
	g->server.client = o->client;
	g->faults = o->faults;
	g->changed = d->changed.fd;
	journal_init(&g->journal, PROGRAM,
		     o->sockets > 1 ? g->server.path : NULL);
}

static int guests_make(struct device *d, struct vrng_why *why)
{
	d->guest = calloc(d->options.sockets, sizeof(*d->guest));
	if (!d->guest)
		return out_of("guests", ENOMEM, why);
	for (unsigned int i = 0; i < d->options.sockets; i++)
		guest_prepare(d, i);
	return 0;
}

static int guest_begin(struct device *d, unsigned int i, struct vrng_why *why)
{
	const struct options *o = &d->options;
	struct guest *g = &d->guest[i];
	struct tank *tank = d->tank ? &d->tank[i] : NULL;
	struct supply *supply = d->own ? &d->own[i] : &d->supply;
	int err =
		feed_init(&g->feed, tank ? NULL : supply, tank, &g->journal.say,
			  o->limit.max_bytes, o->limit.period_ms * NS_PER_MS);

	if (err)
		return out_of("guest", -err, why);
	err = guest_start(g, why);
	if (err)
		feed_done(&g->feed);
	return err;
}

/* A seed is a secret, so it is the source's name that is shown. */
static void say_ready(struct device *d)
{
	const struct options *o = &d->options;
	const char *source = supply_name(&d->supply);

	for (unsigned int i = 0; i < o->sockets; i++) {
		if (!o->socket_paths)
			say(&d->journal.say, "serving fd %d, source %s", o->fd,
			    source);
		else
			say(&d->journal.say, "%s %s, source %s",
			    o->client ? "connecting to" : "listening on",
			    o->socket_paths[i], source);
	}
	for (char **spec = o->faults_text; spec && *spec; spec++)
		say(&d->journal.say, "errs on purpose: %s", *spec);
}

static int exporter_begin(struct device *d, struct vrng_why *why)
{
	if (!d->options.stats_socket)
		return 0;
	d->exporter.loop = &d->loop;
	d->exporter.text = stats_text;
	d->exporter.opaque = d;
	return exporter_start(&d->exporter, d->options.stats_socket, why);
}

/* From here on nothing is opened, and no process made. */
static int lock_up(struct device *d, struct vrng_why *why)
{
	const unsigned int guests = d->options.sockets;
	const struct sandbox box = { .fds = FDS + GUEST_FDS * guests,
				     .data = DATA + GUEST_DATA * guests,
				     .connects = d->options.client };
	int err = clerk_start(&d->clerk, why);

	if (err)
		return err;
	if (sandbox_is_left_out())
		say(&d->journal.say, "built without its sandbox");
	return sandbox_enter(&box, why);
}

static int guests_start(struct device *d, struct vrng_why *why)
{
	int err = exporter_begin(d, why);

	while (d->started < d->options.sockets && !err) {
		err = guest_begin(d, d->started, why);
		if (!err)
			d->started++;
	}
	if (!err)
		err = lock_up(d, why);
	if (err)
		return err;
	say_ready(d);
	for (unsigned int i = 0; i < d->started && !err; i++)
		err = guest_run(&d->guest[i], why);
	return err;
}

/*
 * All within one second in all. One that hangs (a page of its guest's memory
 * does not come) is left behind, and with it all that it may use.
 */
static bool guests_stop(struct device *d)
{
	uint64_t until = loop_now() + GUEST_END_NS;
	bool all = true;

	for (unsigned int i = 0; i < d->started; i++)
		guest_stop(&d->guest[i]);
	for (unsigned int i = 0; i < d->started; i++) {
		if (guest_join(&d->guest[i], until)) {
			feed_done(&d->guest[i].feed);
			continue;
		}
		all = false;
		say(&d->guest[i].journal.say,
		    "the guest's memory does not answer; it is left behind");
	}
	return all;
}

/* ---- beginning and end ---- */

static int surroundings_start(struct device *d, struct vrng_why *why)
{
	int err = loop_init(&d->loop);

	if (!err)
		err = sigbus_install();
	if (!err)
		err = watch_begin(d, &d->signals, signals_open());
	if (!err)
		err = changed_start(d);
	return err ? vrng_why(why, -err, "start: %s", strerror(-err)) : 0;
}

static int serve(struct device *d, struct vrng_why *why)
{
	int err = guests_start(d, why);

	if (err)
		return err;
	err = loop_run(&d->loop);
	return err ? vrng_why(why, -err, "epoll: %s", strerror(-err)) : 0;
}

static int run(struct device *d)
{
	struct vrng_why why = { "" };
	int err = surroundings_start(d, &why);
	bool all;

	d->clerk.loop = &d->loop;
	d->clerk.text = stats_text;
	d->clerk.stats = d->options.stats_socket ? NULL : d->options.stats;
	d->clerk.say = &d->journal.say;
	d->clerk.remove_sockets = remove_sockets;
	d->clerk.opaque = d;

	if (!err)
		err = guests_make(d, &why);
	if (!err)
		err = source_start(d, &why);
	if (!err)
		err = serve(d, &why);
	if (err)
		say(&d->journal.say, "%s", why.text);
	if (err && !d->status)
		d->status = EXIT_FAILURE;
	all = guests_stop(d);
	clerk_end(&d->clerk);
	exporter_stop(&d->exporter);
	if (!all) {
		fetch_stop(&d->dealer.fetch);
		_exit(d->status);
	}
	source_stop(d);
	free(d->guest);
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
		.clerk = { .sock = -1, .answer = { .fd = -1 } },
		.exporter = { .listener = { .fd = -1 },
			      .accept = { .fd = -1 },
			      .again = { .fd = -1 } },
		.dealer = { .fetch = { .sock = -1 },
			    .bytes = { .fd = -1 },
			    .room = { .fd = -1 } },
		.options = { .limit = { .period_ms = PERIOD_DEFAULT_MS } },
	};
	int status = options_parse(&device.options, argc, argv);

	journal_init(&device.journal, PROGRAM, NULL);
	journal_init(&device.source_journal, PROGRAM, NULL);
	if (!status && device.options.version)
		puts(PROGRAM " " VRNG_VERSION);
	else if (!status && device.options.capabilities)
		puts("{\n  \"type\": \"rng\"\n}");
	else if (!status)
		status = run(&device);
	options_free(&device.options);
	return status;
}
