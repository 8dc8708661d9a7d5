// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/device/vhost-user/transcript.h"

struct transcript *transcript_new(void)
{
	return calloc(1, sizeof(struct transcript));
}

void transcript_add(struct transcript *t, uint32_t request, const void *payload,
		    size_t size, int fd)
{
	struct transcript_message *m = &t->message[t->n];

	m->request = request;
	m->size = (uint32_t)size;
	m->has_fd = fd >= 0;
	if (size)
		memcpy(m->payload, payload, size);
	t->fd[t->n++] = fd;
}

static unsigned int batch_size(unsigned int left)
{
	return left < TRANSCRIPT_BATCH ? left : TRANSCRIPT_BATCH;
}

int transcript_send(const struct transcript *t, int sock)
{
	int fds[TRANSCRIPT_BATCH], err = 0;

	for (unsigned int at = 0, n; at < t->n && !err; at += n) {
		unsigned int nfds = 0;

		n = batch_size(t->n - at);
		for (unsigned int i = at; i < at + n; i++)
			if (t->fd[i] >= 0)
				fds[nfds++] = t->fd[i];
		err = vrng_passing_send_all(sock, &t->message[at],
					    n * sizeof(t->message[0]), fds,
					    nfds, MSG_DONTWAIT);
	}
	return err;
}

/* Hand the @nfds descriptors at @fds to the @n new messages. */
static int take_batch(struct transcript *t, unsigned int n, const int *fds,
		      unsigned int nfds)
{
	unsigned int used = 0;
	int err = 0;

	for (unsigned int i = 0; i < n; i++) {
		const struct transcript_message *m = &t->message[t->n];
		const bool has_fd = m->has_fd && used < nfds;

		if (m->size > TRANSCRIPT_PAYLOAD || m->has_fd > 1 || m->zero ||
		    (m->has_fd && !has_fd))
			err = -EPROTO;
		t->fd[t->n++] = has_fd ? fds[used++] : -1;
	}
	if (used < nfds)
		err = -EPROTO;
	for (; used < nfds; used++)
		close(fds[used]);
	return err;
}

static int receive_batch(struct transcript *t, int sock, unsigned int n)
{
	int fds[TRANSCRIPT_BATCH];
	unsigned int nfds = n;
	const size_t size = n * sizeof(t->message[0]);
	const ssize_t got = vrng_passing_receive_all(
		sock, &t->message[t->n], size, fds, &nfds, MSG_DONTWAIT);

	if (got == (ssize_t)size)
		return take_batch(t, n, fds, nfds);
	for (unsigned int i = 0; i < nfds; i++)
		close(fds[i]);
	return -EPROTO;
}

int transcript_receive(struct transcript *t, int sock, unsigned int n,
		       struct vrng_error *error)
{
	int err = n > TRANSCRIPT_MAX ? -EPROTO : 0;

	while (t->n < n && !err)
		err = receive_batch(t, sock, batch_size(n - t->n));
	if (!err)
		return 0;
	transcript_close(t);
	t->n = 0;
	return vrng_fail(error, EPROTO,
			 "what was handed over is cut or of another form");
}

void transcript_close(struct transcript *t)
{
	for (unsigned int i = 0; i < t->n; i++) {
		if (t->fd[i] >= 0)
			close(t->fd[i]);
		t->fd[i] = -1;
	}
}
