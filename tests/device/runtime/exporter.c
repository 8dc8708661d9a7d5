// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/base/clock.h"
#include "tests/device/runtime/exporter.h"

static void pause_for(struct exporter *e, uint64_t ns)
{
	loop_unwatch(e->loop, &e->accept);
	loop_timer_set(e->again.fd, vrng_now() + ns);
}

static uint64_t processor_time(void)
{
	struct timespec time = { 0 };

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (uint64_t)time.tv_sec * VRNG_NS_PER_S + (uint64_t)time.tv_nsec;
}

/* From an answer to the next, by what it has cost. */
static uint64_t rest(const struct exporter *e)
{
	const uint64_t share = (EXPORTER_SHARE - 1) * e->cost;

	return share > EXPORTER_EACH_NS ? share : EXPORTER_EACH_NS;
}

/* Out of descriptors or memory: pause, or epoll would report it without end. */
static void accept_failed(struct exporter *e, int err)
{
	if (err == EAGAIN || err == EINTR || err == ECONNABORTED)
		return;
	pause_for(e, EXPORTER_PAUSE_NS);
}

static void drop_client(struct exporter *e)
{
	int fd = e->client.fd;

	loop_unwatch(e->loop, &e->client);
	if (fd >= 0)
		close(fd);
	free(e->sent);
	e->sent = NULL;
}

/* Time for the next client. */
static void on_again(struct loop_watch *watch)
{
	struct exporter *e = VRNG_CONTAINER_OF(watch, struct exporter, again);

	loop_timer_clear(watch->fd);
	drop_client(e);
	if (loop_watch(e->loop, &e->accept, e->listener.fd))
		accept_failed(e, ENOMEM);
}

/* False: there is no text, or no memory. */
static bool begin_answer(struct exporter *e, int fd)
{
	const uint64_t begin = processor_time();

	e->sent = e->text(e->opaque, &e->n_left);
	e->left = e->sent;
	e->cost = processor_time() - begin;
	return e->sent && !loop_watch_room(e->loop, &e->client, fd);
}

static void on_accept(struct loop_watch *watch)
{
	struct exporter *e = VRNG_CONTAINER_OF(watch, struct exporter, accept);
	int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0) {
		accept_failed(e, errno);
		return;
	}
	if (!begin_answer(e, fd)) {
		close(fd);
		drop_client(e);
		pause_for(e, rest(e));
		return;
	}
	pause_for(e, EXPORTER_PATIENCE_NS);
}

/* True: more is left to be sent. */
static bool go_on(struct exporter *e)
{
	const ssize_t n = send(e->client.fd, e->left, e->n_left,
			       MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n > 0) {
		e->left += n;
		e->n_left -= (size_t)n;
	}
	return n > 0 && e->n_left;
}

static void on_client(struct loop_watch *watch)
{
	struct exporter *e = VRNG_CONTAINER_OF(watch, struct exporter, client);
	const uint64_t begin = processor_time();
	const bool goes_on = go_on(e);

	e->cost += processor_time() - begin;
	if (goes_on)
		return;
	drop_client(e); /* it has all, or has gone */
	loop_timer_set(e->again.fd, vrng_now() + rest(e));
}

int exporter_start(struct exporter *e, const char *path,
		   struct vrng_error *error)
{
	int timer, err = vrng_listener_open(&e->listener, path, NULL, error);

	if (err)
		return err;
	e->accept = (struct loop_watch)LOOP_WATCH(on_accept);
	e->again = (struct loop_watch)LOOP_WATCH(on_again);
	e->client = (struct loop_watch)LOOP_WATCH(on_client);
	e->sent = NULL;
	timer = loop_timer();
	err = timer < 0 ? timer : loop_watch(e->loop, &e->again, timer);
	if (err && timer >= 0)
		close(timer);
	if (!err)
		err = loop_watch(e->loop, &e->accept, e->listener.fd);
	return err ? vrng_fail(error, -err, "%s: %s", path, strerror(-err)) : 0;
}

void exporter_stop(struct exporter *e)
{
	int timer = e->again.fd;

	loop_unwatch(e->loop, &e->accept);
	loop_unwatch(e->loop, &e->again);
	drop_client(e);
	if (timer >= 0)
		close(timer);
	vrng_listener_close(&e->listener);
}
