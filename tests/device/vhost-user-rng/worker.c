// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/device/vhost-user-rng/worker.h"
#include "tests/device/runtime/thread.h"

#define NS_PER_MS 1000000

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
	g->end = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	err = g->end < 0 ? -errno : loop_watch(&g->loop, &g->wake, fd);
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
	if (g->end >= 0)
		close(g->end);
	g->end = -1;
}

int guest_start(struct guest *g, struct vrng_why *why)
{
	int err = loop_init(&g->loop);

	g->running = g->ended = false;
	g->end = -1;
	if (!err)
		err = wake_start(g);
	if (err) {
		wake_stop(g);
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
	eventfd_write(g->end, 1);
	return NULL;
}

int guest_run(struct guest *g, struct vrng_why *why)
{
	int err = thread_start(&g->thread, GUEST_STACK, serve, g, why);

	g->running = !err;
	return err;
}

bool guest_ended(const struct guest *g)
{
	return __atomic_load_n(&g->ended, __ATOMIC_ACQUIRE);
}

void guest_stop(struct guest *g)
{
	eventfd_write(g->wake.fd, 1);
}

/* Once the thread has come to its end, joining it is no wait. */
static bool await_end(const struct guest *g, uint64_t until)
{
	struct pollfd end = { .fd = g->end, .events = POLLIN };
	uint64_t now = loop_now();
	uint64_t ms = until > now ? (until - now) / NS_PER_MS + 1 : 0;

	return poll(&end, 1, ms < INT32_MAX ? (int)ms : INT32_MAX) == 1;
}

/* One that was never run is stopped here. */
bool guest_join(struct guest *g, uint64_t until)
{
	if (!g->running) {
		server_stop(&g->server);
	} else {
		if (!await_end(g, until))
			return false;
		pthread_join(g->thread, NULL);
	}
	g->running = false;
	wake_stop(g);
	loop_done(&g->loop);
	return true;
}
