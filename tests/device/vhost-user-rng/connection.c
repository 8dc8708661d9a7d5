// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/base/array.h"
#include "rngd/base/log.h"
#include "tests/device/vhost-user-rng/connection.h"
#include "tests/device/vhost-user-rng/dialer.h"
#include "tests/device/vhost-user-rng/handover.h"
#include "tests/device/vhost-user/session.h"

static int accept_more(struct connection *c, struct vrng_error *error)
{
	int err = loop_watch(c->loop, &c->accept, c->listener.fd);

	return err ? vrng_fail(error, -err, "listening socket: %s",
			       strerror(-err)) :
		     0;
}

static void on_gone(struct backend *backend);

/* ---- connecting ---- */

static void end_with(struct connection *c, int status)
{
	c->status = status;
	loop_stop(c->loop);
}

/* Out of descriptors or memory: pause, or epoll would report it without end. */
static void accept_failed(struct connection *c, int err)
{
	if (err == EAGAIN || err == EINTR || err == ECONNABORTED)
		return;
	vrng_log_line(c->log, "cannot take a connection: %s; raise the limit",
		      strerror(err));
	loop_unwatch(c->loop, &c->accept);
	loop_timer_set(c->retry.fd, vrng_now() + CONNECTION_INTERVAL_NS);
}

static void on_accept(struct loop_watch *watch)
{
	struct connection *c =
		VRNG_CONTAINER_OF(watch, struct connection, accept);
	int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int err;

	if (fd < 0) {
		accept_failed(c, errno);
		return;
	}
	err = backend_attach(&c->backend, fd);
	if (err) {
		vrng_log_line(c->log, "guest refused: %s", strerror(-err));
		return;
	}
	/* The next connection waits in the backlog. */
	loop_unwatch(c->loop, &c->accept);
	loop_timer_set(c->retry.fd, vrng_now() + c->silence_ns);
}

static void client_begin(struct connection *c)
{
	uint64_t first = vrng_now() + c->backoff;

	c->give_up = first + CONNECTION_CONNECT_NS;
	loop_timer_set(c->retry.fd, first);
}

static void client_again(struct connection *c)
{
	c->backoff =
		c->backend.started ? CONNECTION_INTERVAL_NS : c->backoff * 2;
	if (c->backoff > CONNECTION_BACKOFF_NS)
		c->backoff = CONNECTION_BACKOFF_NS;
	client_begin(c);
}

static int client_failed(struct connection *c, int err)
{
	return vrng_fail(&c->error, err,
			 "%s: cannot connect for %llu s: %s; start the front "
			 "end with server=on",
			 c->path, CONNECTION_CONNECT_NS / VRNG_NS_PER_S,
			 strerror(err));
}

/* Try again, or give up: @err is what connect(2) said. */
static void not_connected(struct connection *c, int err)
{
	if (vrng_now() > c->give_up)
		end_with(c, client_failed(c, err));
	else
		loop_timer_set(c->retry.fd,
			       vrng_now() + CONNECTION_INTERVAL_NS);
}

static void dialer_failed(struct connection *c, int err)
{
	end_with(c, vrng_fail(&c->error, err, "dialer: %s", strerror(err)));
}

static void dial(struct connection *c)
{
	int err = loop_watch(c->loop, &c->dialed, c->line);

	if (!err)
		err = dialer_ask(c->line);
	if (err)
		dialer_failed(c, -err);
}

static void on_dialed(struct loop_watch *watch)
{
	struct connection *c =
		VRNG_CONTAINER_OF(watch, struct connection, dialed);
	int err, fd = dialer_answer(watch->fd);

	if (fd == -EAGAIN)
		return;
	loop_unwatch(c->loop, watch);
	if (fd == -EPIPE) {
		dialer_failed(c, EPIPE);
		return;
	}
	if (fd < 0) {
		not_connected(c, -fd);
		return;
	}
	err = backend_attach(&c->backend, fd);
	if (err)
		end_with(c, vrng_fail(&c->error, -err, "guest: %s",
				      strerror(-err)));
}

/* ---- from one process to the next ---- */

static int replay(struct connection *c, struct handover *h,
		  struct transcript *t)
{
	struct vrng_error error = { "" };
	const int sock = h->connection;
	int err = handover_transcript(h, t, &error);

	h->connection = -1;
	if (!err)
		return backend_take_over(&c->backend, sock, t);
	close(sock);
	vrng_log_line(c->log, "guest dropped: %s", error.text);
	return err;
}

/* Go on with the connection that was handed over, or else begin as usual. */
static void take_over(struct connection *c)
{
	struct handover *h = c->handed;
	struct transcript *t = transcript_new();
	int err = t ? replay(c, h, t) : -ENOMEM;

	c->handed = NULL;
	handover_free(h);
	if (t)
		transcript_close(t);
	free(t);
	if (err)
		on_gone(&c->backend);
	else if (!c->client)
		loop_timer_set(c->retry.fd, vrng_now() + c->silence_ns);
}

/* The connection, with *@t filled in; or -1. */
static int save(struct connection *c, struct transcript *t)
{
	struct vrng_error error;
	int connection;

	if (c->handed) /* not yet begun: pass it on */
		return handover_transcript(c->handed, t, &error) ?
			       -1 :
			       c->handed->connection;
	if (!c->backend.session)
		return -1;
	connection = backend_save(&c->backend, t);
	if (connection >= 0)
		return connection;
	vrng_log_line(c->log, "guest dropped: half of a message has arrived, "
			      "which cannot be handed over");
	return -1;
}

int connection_hand_over(struct connection *c, const char *name, int sock)
{
	const int listener =
		c->client || c->keeps_listener ? -1 : c->listener.fd;
	struct transcript *t = transcript_new();
	int connection, err;

	if (!t) {
		vrng_log_line(c->log, "cannot be handed over: %m");
		return -ENOMEM;
	}
	connection = save(c, t);
	if (listener < 0 && connection < 0)
		err = -ENOENT;
	else
		err = handover_send(sock, name, listener, connection, t);
	if (err && err != -ENOENT)
		vrng_log_line(c->log, "cannot be handed over: %s",
			      strerror(-err));
	if (c->handed)
		transcript_close(t);
	free(t);
	return err;
}

static void on_retry(struct loop_watch *watch)
{
	struct connection *c =
		VRNG_CONTAINER_OF(watch, struct connection, retry);
	int err = 0;

	loop_timer_clear(watch->fd);
	if (c->handed)
		take_over(c);
	else if (c->client)
		dial(c);
	else if (c->backend.session)
		backend_expect_message(&c->backend);
	else
		err = accept_more(c, &c->error);
	if (err)
		end_with(c, err);
}

static int accept_again(struct connection *c)
{
	loop_timer_set(c->retry.fd, 0);
	return accept_more(c, &c->error);
}

static void on_gone(struct backend *backend)
{
	struct connection *c =
		VRNG_CONTAINER_OF(backend, struct connection, backend);
	int err = 0;

	if (c->guest_gone)
		c->guest_gone(c);
	if (c->client)
		client_again(c);
	else if (c->listener.fd >= 0)
		err = accept_again(c);
	else
		end_with(c, 0); /* the inherited connection has ended */
	if (err)
		end_with(c, err);
}

/* ---- start and stop ---- */

static int start_retry(struct connection *c, struct vrng_error *error)
{
	int err, timer = loop_timer();

	if (timer < 0)
		return vrng_fail(error, -timer, "timer: %s", strerror(-timer));
	err = loop_watch(c->loop, &c->retry, timer);
	if (err) {
		close(timer);
		return vrng_fail(error, -err, "timer: %s", strerror(-err));
	}
	return 0;
}

/* With the socket that was handed over, if its file is still there. */
static int start_listening(struct connection *c, struct vrng_error *error)
{
	struct handover *h = c->handed;

	if (!h || h->listener < 0 ||
	    !vrng_listener_adopt(&c->listener, h->listener, c->path))
		return vrng_listener_open(&c->listener, c->path, c->as, error);
	h->listener = -1;
	return c->as ? vrng_listener_own(&c->listener, c->as, error) : 0;
}

/* An inherited descriptor may be a listening socket or a connected one. */
static int start_inherited(struct connection *c, struct vrng_error *error)
{
	int listens = 0;
	socklen_t len = sizeof(listens);
	int err;

	if (getsockopt(c->inherited, SOL_SOCKET, SO_ACCEPTCONN, &listens,
		       &len)) {
		err = errno;
		close(c->inherited);
		return vrng_fail(error, err, "fd %d: %s; pass a socket",
				 c->inherited, strerror(err));
	}
	if (listens) {
		c->listener.fd = c->inherited;
		return 0;
	}
	err = backend_attach(&c->backend, c->inherited);
	return err ? vrng_fail(error, -err, "fd %d: %s", c->inherited,
			       strerror(-err)) :
		     0;
}

/* What was handed over is taken in the loop, by the thread that runs it. */
static int begin(struct connection *c, struct vrng_error *error)
{
	if (c->handed && c->handed->connection >= 0) {
		loop_timer_set(c->retry.fd, 1);
		return 0;
	}
	handover_free(c->handed);
	c->handed = NULL;
	if (c->client)
		client_begin(c);
	return c->listener.fd < 0 ? 0 : accept_more(c, error);
}

int connection_start(struct connection *c, struct vrng_error *error)
{
	int err;

	c->listener = (struct vrng_listener){ .fd = -1 };
	c->status = 0;
	c->backoff = CONNECTION_INTERVAL_NS;
	if (!c->silence_ns)
		c->silence_ns = CONNECTION_SILENCE_NS;
	c->accept = (struct loop_watch)LOOP_WATCH(on_accept);
	c->retry = (struct loop_watch)LOOP_WATCH(on_retry);
	c->dialed = (struct loop_watch)LOOP_WATCH(on_dialed);
	c->backend.loop = c->loop;
	c->backend.log = c->log;
	c->backend.offers =
		(c->client ? SESSION_RESUMABLE : 0U) |
		(c->access_platform ? SESSION_ACCESS_PLATFORM : 0U) |
		(c->backend.faults ? SESSION_OUT_OF_ORDER : 0U);
	c->backend.gone = on_gone;
	err = backend_init(&c->backend, error);
	if (err) {
		connection_give_up(c);
		return err;
	}
	err = start_retry(c, error);
	if (err && !c->path)
		close(c->inherited);
	if (!err && !c->path)
		err = start_inherited(c, error);
	else if (!err && !c->client)
		err = start_listening(c, error);
	if (!err)
		err = begin(c, error);
	if (err) {
		vrng_listener_remove(&c->listener);
		connection_stop(c);
	}
	return err;
}

void connection_give_up(struct connection *c)
{
	handover_free(c->handed);
	c->handed = NULL;
	if (!c->path)
		close(c->inherited);
	if (c->client && c->line >= 0)
		close(c->line);
}

void connection_stop(struct connection *c)
{
	int timer = c->retry.fd;

	backend_done(&c->backend);
	loop_unwatch(c->loop, &c->accept);
	loop_unwatch(c->loop, &c->retry);
	loop_unwatch(c->loop, &c->dialed);
	if (c->client && c->line >= 0)
		close(c->line);
	if (timer >= 0)
		close(timer);
	handover_free(c->handed);
	c->handed = NULL;
	vrng_listener_close(&c->listener);
}
