// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/passing.h"
#include "tests/device/vhost-user-rng/handover.h"

int handover_send(int sock, const char *name, int listener, int connection,
		  const struct transcript *t)
{
	struct handover_label label = {
		.version = HANDOVER_VERSION,
		.has_listener = listener >= 0,
		.has_connection = connection >= 0,
		.messages = connection >= 0 ? t->n : 0,
	};
	int fds[2], err;
	unsigned int n = 0;

	if (strlen(name) >= sizeof(label.name))
		return -ENAMETOOLONG;
	memcpy(label.magic, HANDOVER_MAGIC, sizeof(label.magic));
	memcpy(label.name, name, strlen(name));
	if (listener >= 0)
		fds[n++] = listener;
	if (connection >= 0)
		fds[n++] = connection;
	err = vrng_passing_send_all(sock, &label, sizeof(label), fds, n,
				    MSG_DONTWAIT);
	return err || !label.messages ? err : transcript_send(t, sock);
}

static int fail(const char *what, struct vrng_error *error)
{
	return vrng_fail(error, EPROTO,
			 "a guest was handed over with %s; it "
			 "loses its device",
			 what);
}

/* A stream socket that listens, or that does not, and does not block. */
static bool suits(int fd, bool listens)
{
	int is_listening = 0, type = 0, domain = 0;
	socklen_t len = sizeof(int);

	return !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening,
			   &len) &&
	       !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) &&
	       !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) &&
	       !is_listening == !listens && type == SOCK_STREAM &&
	       domain == AF_UNIX && !fcntl(fd, F_SETFL, O_NONBLOCK);
}

static int check_label(const struct handover_label *label, ssize_t got,
		       unsigned int fds, struct vrng_error *error)
{
	if (got == -EAGAIN)
		return fail("nothing in it", error);
	if (got < (ssize_t)(2 * sizeof(uint32_t)) ||
	    memcmp(label->magic, HANDOVER_MAGIC, sizeof(label->magic)) != 0)
		return fail("a label of another program", error);
	if (label->version != HANDOVER_VERSION)
		return fail("a label of another version", error);
	if (got != sizeof(*label) || label->has_listener > 1 ||
	    label->has_connection > 1 || label->zero ||
	    label->messages > TRANSCRIPT_MAX || !label->name[0] ||
	    memchr(label->name, 0, sizeof(label->name)) == NULL)
		return fail("a label that is wrong", error);
	if (label->has_listener + label->has_connection != fds)
		return fail("too few or too many descriptors", error);
	return 0;
}

static int open_label(struct handover *h, struct vrng_error *error)
{
	struct handover_label label = { 0 };
	int fds[2], err;
	unsigned int n = 2, used = 0;
	const ssize_t got = vrng_passing_receive_all(
		h->sock, &label, sizeof(label), fds, &n, MSG_DONTWAIT);

	err = check_label(&label, got, n, error);
	if (err) {
		while (n)
			close(fds[--n]);
		return err;
	}
	memcpy(h->name, label.name, sizeof(h->name));
	h->messages = label.messages;
	if (label.has_listener)
		h->listener = fds[used++];
	if (label.has_connection)
		h->connection = fds[used];
	if ((h->listener >= 0 && !suits(h->listener, true)) ||
	    (h->connection >= 0 && !suits(h->connection, false)))
		return fail("a descriptor of another kind", error);
	return 0;
}

struct handover *handover_receive(int sock, struct vrng_error *error)
{
	struct handover *h = calloc(1, sizeof(*h));

	if (!h) {
		close(sock);
		(void)vrng_fail(error, ENOMEM, "%m");
		return NULL;
	}
	h->sock = sock;
	h->listener = h->connection = -1;
	if (!open_label(h, error))
		return h;
	handover_free(h);
	return NULL;
}

int handover_transcript(struct handover *h, struct transcript *t,
			struct vrng_error *error)
{
	return transcript_receive(t, h->sock, h->messages, error);
}

void handover_free(struct handover *h)
{
	if (!h)
		return;
	if (h->listener >= 0)
		close(h->listener);
	if (h->connection >= 0)
		close(h->connection);
	close(h->sock);
	free(h);
}
