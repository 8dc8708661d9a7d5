// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vhost-user-rng: a virtio-rng device for QEMU and UML, in a process of its
 * own. See vhost-user-rng(8). Here: signals, guests, what is shared, exit status.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tests/device/guest.h"
#include "tests/device/options.h"
#include "tests/device/report.h"
#include "tests/device/sigbus.h"
#include "tests/device/supply.h"
#include "vrng/source.h"
#include "vrng/version.h"

#define NS_PER_MS 1000000

struct device {
	struct options options;
	struct journal journal;
	struct loop loop;
	struct supply supply; /* shared by all guests */
	struct guest *guest; /* options.sockets of them */
	unsigned int started; /* of those */
	struct loop_watch changed; /* some guest's connection has ended */
	struct loop_watch signals;
	int status;
};

#define DEVICE_OF(watch, member)                                           \
	((struct device *)(void *)((char *)(watch)-offsetof(struct device, \
							    member)))

/* ---- statistics ---- */

static void stats_sum(struct stats *sum, const struct stats *add)
{
	sum->guests += add->guests;
	sum->requests += add->requests;
	sum->bytes += add->bytes;
	sum->kicks += add->kicks;
	sum->signals += add->signals;
	sum->malformed += add->malformed;
}

static void write_stats(struct device *d)
{
	struct stats sum = { 0 };
	int err;

	if (!d->options.stats)
		return;
	for (unsigned int i = 0; i < d->options.sockets; i++) {
		struct stats now = stats_look(&d->guest[i].stats);

		stats_sum(&sum, &now);
	}
	err = report_write(&sum, d->options.stats);
	if (err)
		say(&d->journal.say, "%s: cannot write statistics: %s",
		    d->options.stats, strerror(-err));
}

/* ---- events ---- */

static void on_signal(struct loop_watch *watch)
{
	struct device *d = DEVICE_OF(watch, signals);
	struct signalfd_siginfo info;

	if (read(watch->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGUSR1)
		write_stats(d);
	else
		loop_stop(&d->loop);
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
	write_stats(d);
	if (ended == d->options.sockets)
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

static int changed_start(struct device *d)
{
	int err, fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	err = loop_watch(&d->loop, &d->changed, fd);
	if (err)
		close(fd);
	return err;
}

static void watch_end(struct device *d, struct loop_watch *watch)
{
	int fd = watch->fd;

	loop_unwatch(&d->loop, watch);
	if (fd >= 0)
		close(fd);
}

/* ---- sources and guests ---- */

/* A seed is a secret, so it is the source's name that is shown. */
static int source_start(struct device *d, struct vrng_why *why)
{
	const char *spec = d->options.source ? d->options.source : "getrandom";
	int err = supply_init(&d->supply, spec, why);

	return err ? err : vrng_source_check(d->supply.source, why);
}

static void guest_prepare(struct device *d, unsigned int i)
{
	const struct options *o = &d->options;
	struct guest *g = &d->guest[i];
	const char *path = o->socket_paths ? o->socket_paths[i] : NULL;

	journal_init(&g->journal, PROGRAM, o->sockets > 1 ? path : NULL);
	feed_init(&g->feed, &d->supply, &g->journal.say, o->max_bytes,
		  o->period_ms * NS_PER_MS);
	g->faults = o->faults;
	g->server.path = path;
	g->server.inherited = o->fd;
	g->server.client = o->client;
	g->changed = d->changed.fd;
}

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

static int guests_start(struct device *d, struct vrng_why *why)
{
	int err = 0;

	d->guest = calloc(d->options.sockets, sizeof(*d->guest));
	if (!d->guest)
		return vrng_why(why, ENOMEM, "guests: %s", strerror(ENOMEM));
	while (d->started < d->options.sockets && !err) {
		guest_prepare(d, d->started);
		err = guest_start(&d->guest[d->started], why);
		if (!err)
			d->started++;
	}
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
		if (guest_join(&d->guest[i], until))
			continue;
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
		err = signals_start(d);
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

	if (!err)
		err = source_start(d, &why);
	if (!err)
		err = serve(d, &why);
	if (err)
		say(&d->journal.say, "%s", why.text);
	if (err)
		d->status = EXIT_FAILURE;
	if (!guests_stop(d)) {
		write_stats(d);
		_exit(d->status);
	}
	if (d->started)
		write_stats(d);
	free(d->guest);
	supply_done(&d->supply);
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
		.options = { .period_ms = PERIOD_DEFAULT_MS },
	};
	int status = options_parse(&device.options, argc, argv);

	journal_init(&device.journal, PROGRAM, NULL);
	if (!status && device.options.version)
		puts(PROGRAM " " VRNG_VERSION);
	else if (!status && device.options.capabilities)
		puts("{\n  \"type\": \"rng\"\n}");
	else if (!status)
		status = run(&device);
	options_free(&device.options);
	return status;
}
