// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/log.h"
#include "tests/device/vhost-user-rng/connection.h"

#define CONNECTION_OF(ptr, member)       \
	((struct connection *)(void *)(( \
		char *)(ptr)-offsetof(struct connection, member)))

static int accept_more(struct connection *s, struct vrng_error *error)
{
	int err = loop_watch(s->loop, &s->accept, s->listener.fd);

	return err ? vrng_fail(error, -err, "listening socket: %s",
			       strerror(-err)) :
		     0;
}

/* ---- connecting ---- */

static void end_with(struct connection *s, int status)
{
	s->status = status;
	loop_stop(s->loop);
}

/* Out of descriptors or memory: pause, or epoll would report it without end. */
static void accept_failed(struct connection *s, int err)
{
	if (err == EAGAIN || err == EINTR || err == ECONNABORTED)
		return;
	vrng_log_line(s->log, "cannot take a connection: %s; raise the limit",
		      strerror(err));
	loop_unwatch(s->loop, &s->accept);
	loop_timer_set(s->retry.fd, vrng_now() + CONNECTION_INTERVAL_NS);
}

static void on_accept(struct loop_watch *watch)
{
	struct connection *s = CONNECTION_OF(watch, accept);
	int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int err;

	if (fd < 0) {
		accept_failed(s, errno);
		return;
	}
	err = backend_attach(&s->backend, fd);
	if (err)
		vrng_log_line(s->log, "guest refused: %s", strerror(-err));
	else /* the next connection waits in the backlog */
		loop_unwatch(s->loop, &s->accept);
}

static void client_begin(struct connection *s)
{
	uint64_t first = vrng_now() + s->backoff;

	s->give_up = first + CONNECTION_CONNECT_NS;
	loop_timer_set(s->retry.fd, first);
}

static void client_again(struct connection *s)
{
	s->backoff =
		s->backend.started ? CONNECTION_INTERVAL_NS : s->backoff * 2;
	if (s->backoff > CONNECTION_BACKOFF_NS)
		s->backoff = CONNECTION_BACKOFF_NS;
	client_begin(s);
}

static int client_failed(struct connection *s, int err)
{
	return vrng_fail(&s->error, err,
			 "%s: cannot connect for %llu s: %s; start the front "
			 "end with server=on",
			 s->path, CONNECTION_CONNECT_NS / 1000000000,
			 strerror(err));
}

static void dial(struct connection *s)
{
	int err, fd = vrng_listener_dial(s->path, &s->error);

	if (fd >= 0) {
		err = backend_attach(&s->backend, fd);
		if (err)
			end_with(s, vrng_fail(&s->error, -err, "guest: %s",
					      strerror(-err)));
	} else if (fd == -ENAMETOOLONG) {
		end_with(s, fd);
	} else if (vrng_now() > s->give_up) {
		end_with(s, client_failed(s, -fd));
	} else {
		loop_timer_set(s->retry.fd,
			       vrng_now() + CONNECTION_INTERVAL_NS);
	}
}

static void on_retry(struct loop_watch *watch)
{
	struct connection *s = CONNECTION_OF(watch, retry);
	int err = 0;

	loop_timer_clear(watch->fd);
	if (s->client)
		dial(s);
	else
		err = accept_more(s, &s->error);
	if (err)
		end_with(s, err);
}

static void on_gone(struct backend *backend)
{
	struct connection *s = CONNECTION_OF(backend, backend);
	int err = 0;

	if (s->guest_gone)
		s->guest_gone(s);
	if (s->client)
		client_again(s);
	else if (s->listener.fd >= 0)
		err = accept_more(s, &s->error);
	else
		end_with(s, 0); /* the inherited connection has ended */
	if (err)
		end_with(s, err);
}

/* ---- start and stop ---- */

static int start_retry(struct connection *s, struct vrng_error *error)
{
	int err, timer = loop_timer();

	if (timer < 0)
		return vrng_fail(error, -timer, "timer: %s", strerror(-timer));
	err = loop_watch(s->loop, &s->retry, timer);
	if (err) {
		close(timer);
		return vrng_fail(error, -err, "timer: %s", strerror(-err));
	}
	return 0;
}

static void start_client(struct connection *s)
{
	s->backoff = CONNECTION_INTERVAL_NS;
	client_begin(s);
}

static int start_listening(struct connection *s, struct vrng_error *error)
{
	int err = vrng_listener_open(&s->listener, s->path, NULL, error);

	return err ? err : accept_more(s, error);
}

/* An inherited descriptor may be a listening socket or a connected one. */
static int start_inherited(struct connection *s, struct vrng_error *error)
{
	int listens = 0;
	socklen_t len = sizeof(listens);
	int err;

	if (getsockopt(s->inherited, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len))
		return vrng_fail(error, errno, "fd %d: %s; pass a socket",
				 s->inherited, strerror(errno));
	if (listens) {
		s->listener.fd = s->inherited;
		return accept_more(s, error);
	}
	err = backend_attach(&s->backend, s->inherited);
	return err ? vrng_fail(error, -err, "fd %d: %s", s->inherited,
			       strerror(-err)) :
		     0;
}

int connection_start(struct connection *s, struct vrng_error *error)
{
	int err;

	s->listener = (struct vrng_listener){ .fd = -1 };
	s->status = 0;
	s->accept = (struct loop_watch)LOOP_WATCH(on_accept);
	s->retry = (struct loop_watch)LOOP_WATCH(on_retry);
	s->backend.loop = s->loop;
	s->backend.log = s->log;
	s->backend.resumable = s->client;
	s->backend.gone = on_gone;
	err = backend_init(&s->backend, error);
	if (err)
		return err;
	err = start_retry(s, error);
	if (!err && !s->path)
		err = start_inherited(s, error);
	else if (!err && s->client)
		start_client(s);
	else if (!err)
		err = start_listening(s, error);
	if (err) {
		vrng_listener_remove(&s->listener);
		connection_stop(s);
	}
	return err;
}

void connection_stop(struct connection *s)
{
	int timer = s->retry.fd;

	backend_done(&s->backend);
	loop_unwatch(s->loop, &s->accept);
	loop_unwatch(s->loop, &s->retry);
	if (timer >= 0)
		close(timer);
	vrng_listener_close(&s->listener);
}
