// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/device/exporter.h"

static void on_accept(struct loop_watch *watch)
{
	struct exporter *e =
		(struct exporter *)(void *)((char *)watch -
					    offsetof(struct exporter, accept));
	int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	char *text;
	size_t len;
	ssize_t n;

	if (fd < 0)
		return;
	text = e->text(e->opaque, &len);
	if (text) {
		n = send(fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		(void)n; /* who is gone has missed it */
	}
	free(text);
	close(fd);
}

int exporter_start(struct exporter *e, const char *path, struct vrng_why *why)
{
	int err = vrng_listener_open(&e->listener, path, NULL, why);

	if (err)
		return err;
	e->accept = (struct loop_watch)LOOP_WATCH(on_accept);
	err = loop_watch(e->loop, &e->accept, e->listener.fd);
	return err ? vrng_why(why, -err, "%s: %s", path, strerror(-err)) : 0;
}

void exporter_stop(struct exporter *e)
{
	loop_unwatch(e->loop, &e->accept);
	vrng_listener_close(&e->listener);
}
