// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/base/clock.h"
#include "tests/device/vhost-user-rng/worker.h"
#include "rngd/base/thread.h"

static void apply_limit(struct device_worker *g)
{
	pthread_mutex_lock(&g->lock);
	request_buffer_limit(&g->buffer, g->max, g->period_ns);
	pthread_mutex_unlock(&g->lock);
	backend_again(&g->connection.backend);
}

static void on_wake(struct loop_watch *watch)
{
	struct device_worker *g =
		VRNG_CONTAINER_OF(watch, struct device_worker, wake);
	eventfd_t n;

	eventfd_read(watch->fd, &n);
	if (__atomic_load_n(&g->stop, __ATOMIC_ACQUIRE))
		loop_stop(&g->loop);
	else
		apply_limit(g);
}

static void on_guest_gone(struct connection *connection)
{
	const struct device_worker *g =
		VRNG_CONTAINER_OF(connection, struct device_worker, connection);

	eventfd_write(g->changed, 1);
}

static int wake_start(struct device_worker *g)
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

static void wake_stop(struct device_worker *g)
{
	int fd = g->wake.fd;

	loop_unwatch(&g->loop, &g->wake);
	if (fd >= 0)
		close(fd);
	if (g->end >= 0)
		close(g->end);
	g->end = -1;
}

int device_worker_start(struct device_worker *g, struct vrng_error *error)
{
	int err = loop_init(&g->loop);

	g->running = g->ended = g->stop = g->left = false;
	g->successor = -1;
	pthread_mutex_init(&g->lock, NULL);
	g->end = -1;
	if (!err)
		err = wake_start(g);
	if (err) {
		wake_stop(g);
		loop_done(&g->loop);
		connection_give_up(&g->connection);
		return vrng_fail(error, -err, "loop: %s", strerror(-err));
	}
	g->connection.loop = &g->loop;
	g->connection.log = &g->log;
	g->connection.guest_gone = on_guest_gone;
	g->connection.backend.buffer = &g->buffer;
	g->connection.backend.metrics = &g->metrics;
	g->connection.backend.faults = g->faults.n ? &g->faults : NULL;
	err = connection_start(&g->connection, error);
	if (err) {
		wake_stop(g);
		loop_done(&g->loop);
	}
	return err;
}

static void hand_over(struct device_worker *g)
{
	if (__atomic_load_n(&g->stop, __ATOMIC_ACQUIRE) && g->successor >= 0)
		g->left = !connection_hand_over(&g->connection, g->name,
						g->successor);
}

static void *serve(void *opaque)
{
	struct device_worker *g = opaque;
	int err = loop_run(&g->loop);

	if (err && !g->connection.status)
		g->connection.status = vrng_fail(&g->connection.error, -err,
						 "epoll: %s", strerror(-err));
	if (g->connection.status)
		vrng_log_line(&g->log, "%s", g->connection.error.text);
	hand_over(g);
	connection_stop(&g->connection);
	__atomic_store_n(&g->ended, true, __ATOMIC_RELEASE);
	eventfd_write(g->end, 1);
	eventfd_write(g->changed, 1);
	return NULL;
}

int device_worker_run(struct device_worker *g, struct vrng_error *error)
{
	int err = vrng_thread_start(&g->thread, DEVICE_WORKER_STACK, serve, g,
				    error);

	g->running = !err;
	return err;
}

bool device_worker_ended(const struct device_worker *g)
{
	return __atomic_load_n(&g->ended, __ATOMIC_ACQUIRE);
}

void device_worker_limit(struct device_worker *g, uint64_t max,
			 uint64_t period_ns)
{
	pthread_mutex_lock(&g->lock);
	g->max = max;
	g->period_ns = period_ns;
	pthread_mutex_unlock(&g->lock);
	device_worker_again(g);
}

void device_worker_again(struct device_worker *g)
{
	eventfd_write(g->wake.fd, 1);
}

void device_worker_stop(struct device_worker *g)
{
	__atomic_store_n(&g->stop, true, __ATOMIC_RELEASE);
	eventfd_write(g->wake.fd, 1);
}

/* After this, pthread_join() does not wait. */
static bool await_end(const struct device_worker *g, uint64_t until)
{
	struct pollfd end = { .fd = g->end, .events = POLLIN };

	return poll(&end, 1, vrng_timeout_ns(until, vrng_now())) == 1;
}

/* A worker that was never run is stopped here. */
bool device_worker_join(struct device_worker *g, uint64_t until)
{
	if (!g->running) {
		hand_over(g);
		connection_stop(&g->connection);
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
