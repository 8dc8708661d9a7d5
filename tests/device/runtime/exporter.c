// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "tests/device/runtime/exporter.h"

static void pause_for(struct exporter *e, uint64_t ns)
{
	loop_unwatch(e->loop, &e->accept);
	loop_timer_set(e->again.fd, vrng_now() + ns);
}

/* Out of descriptors or memory: pause, or epoll would report it without end. */
static void accept_failed(struct exporter *e, int err)
{
	if (err == EAGAIN || err == EINTR || err == ECONNABORTED)
		return;
	pause_for(e, EXPORTER_PAUSE_NS);
}

static void on_again(struct loop_watch *watch)
{
	struct exporter *e = VRNG_CONTAINER_OF(watch, struct exporter, again);

	loop_timer_clear(watch->fd);
	if (loop_watch(e->loop, &e->accept, e->listener.fd))
		accept_failed(e, ENOMEM);
}

static void on_accept(struct loop_watch *watch)
{
	struct exporter *e = VRNG_CONTAINER_OF(watch, struct exporter, accept);
	int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	char *text;
	size_t len;
	ssize_t n;

	if (fd < 0) {
		accept_failed(e, errno);
		return;
	}
	text = e->text(e->opaque, &len);
	if (text) {
		n = send(fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		(void)n; /* a client that has gone gets nothing */
	}
	free(text);
	close(fd);
	pause_for(e, EXPORTER_EACH_NS);
}

int exporter_start(struct exporter *e, const char *path,
		   struct vrng_error *error)
{
	int timer, err = vrng_listener_open(&e->listener, path, NULL, error);

	if (err)
		return err;
	e->accept = (struct loop_watch)LOOP_WATCH(on_accept);
	e->again = (struct loop_watch)LOOP_WATCH(on_again);
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
	if (timer >= 0)
		close(timer);
	vrng_listener_close(&e->listener);
}
