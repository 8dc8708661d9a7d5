// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "tests/device/guest.h"

#define NS 1000000000ULL

static void on_wake(struct loop_watch *watch)
{
	struct guest *g =
		(struct guest *)(void *)((char *)watch -
					 offsetof(struct guest, wake));

	loop_stop(&g->loop);
}

static void on_guest_gone(struct server *server)
{
	const struct guest *g =
		(struct guest *)(void *)((char *)server -
					 offsetof(struct guest, server));

	eventfd_write(g->changed, 1);
}

static int wake_start(struct guest *g)
{
	int err, fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	g->wake = (struct loop_watch)LOOP_WATCH(on_wake);
	if (fd < 0)
		return -errno;
	err = loop_watch(&g->loop, &g->wake, fd);
	if (err)
		close(fd);
	return err;
}

static void wake_stop(struct guest *g)
{
	int fd = g->wake.fd;

	loop_unwatch(&g->loop, &g->wake);
	if (fd >= 0)
		close(fd);
}

int guest_start(struct guest *g, struct vrng_why *why)
{
	int err = loop_init(&g->loop);

	g->running = g->ended = false;
	if (!err)
		err = wake_start(g);
	if (err) {
		loop_done(&g->loop);
		return vrng_why(why, -err, "loop: %s", strerror(-err));
	}
	g->server.loop = &g->loop;
	g->server.say = &g->journal.say;
	g->server.guest_gone = on_guest_gone;
	g->server.rng.feed = &g->feed;
	g->server.rng.stats = &g->stats;
	g->server.rng.faults = g->faults.n ? &g->faults : NULL;
	err = server_start(&g->server, why);
	if (err) {
		wake_stop(g);
		loop_done(&g->loop);
	}
	return err;
}

static void *serve(void *opaque)
{
	struct guest *g = opaque;
	int err = loop_run(&g->loop);

	if (err && !g->server.status)
		g->server.status = vrng_why(&g->server.why, -err, "epoll: %s",
					    strerror(-err));
	if (g->server.status)
		say(&g->journal.say, "%s", g->server.why.text);
	server_stop(&g->server);
	__atomic_store_n(&g->ended, true, __ATOMIC_RELEASE);
	eventfd_write(g->changed, 1);
	return NULL;
}

int guest_run(struct guest *g, struct vrng_why *why)
{
	pthread_attr_t attr;
	int err = pthread_attr_init(&attr);

	if (!err) {
		err = pthread_attr_setstacksize(&attr, GUEST_STACK);
		if (!err)
			err = pthread_create(&g->thread, &attr, serve, g);
		pthread_attr_destroy(&attr);
	}
	g->running = !err;
	return err ? vrng_why(why, err, "thread: %s", strerror(err)) : 0;
}

bool guest_ended(const struct guest *g)
{
	return __atomic_load_n(&g->ended, __ATOMIC_ACQUIRE);
}

void guest_stop(struct guest *g)
{
	eventfd_write(g->wake.fd, 1);
}

/* One that was never run is stopped here. */
bool guest_join(struct guest *g, uint64_t until)
{
	const struct timespec end = { .tv_sec = (time_t)(until / NS),
				      .tv_nsec = (long)(until % NS) };

	if (!g->running)
		server_stop(&g->server);
	else if (pthread_clockjoin_np(g->thread, NULL, CLOCK_MONOTONIC, &end))
		return false;
	g->running = false;
	wake_stop(g);
	loop_done(&g->loop);
	return true;
}
