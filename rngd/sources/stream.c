// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sources "unix:PATH" and "tcp:HOST:PORT": raw bytes from a server. peer.h
 * connects to it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "rngd/sources/kind.h"
#include "rngd/sources/peer.h"

/* Bytes in one read, so that it does not hold up its caller for long. */
#define CHUNK (1024 * 1024)

struct stream {
	struct vrng_peer *peer;
	struct vrng_wait wait;
};

static int stream_parse(struct vrng_source *src, const struct vrng_spec *spec,
			struct vrng_error *error)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	char *address = NULL;
	int ret = -ENOMEM;

	(void)spec;
	src->state = stream;
	if (stream &&
	    asprintf(&address, "%s:%s", src->kind->name, src->arg) < 0)
		address = NULL;
	if (!address)
		return vrng_fail(error, ENOMEM, "%s: %m", src->name);
	stream->wait = (struct vrng_wait)VRNG_WAIT_CLOSED;
	ret = vrng_peer_parse(&stream->peer, src->name, address, error);
	free(address);
	return ret;
}

static int stream_check(struct vrng_source *src, struct vrng_error *error)
{
	const struct stream *stream = src->state;

	return vrng_peer_check(stream->peer, error);
}

static int stream_open(struct vrng_source *src, struct vrng_error *error)
{
	struct stream *stream = src->state;
	int ret = vrng_wait_open(&stream->wait);

	if (ret)
		return vrng_fail(error, -ret, "%s: cannot open: %m", src->name);
	ret = vrng_peer_open(stream->peer, &stream->wait, error);
	if (ret)
		vrng_wait_close(&stream->wait);
	else
		src->poll_fd = stream->wait.epoll;
	return ret;
}

static ssize_t stream_read(struct vrng_source *src, void *buf, size_t len,
			   struct vrng_error *error)
{
	const struct stream *stream = src->state;
	ssize_t got = vrng_peer_connect(stream->peer, error);

	if (got)
		return got;
	got = vrng_peer_recv(stream->peer, buf, len < CHUNK ? len : CHUNK,
			     error);
	if (got)
		return got;
	return vrng_source_end(error, "%s: the peer closed the connection",
			       src->name);
}

static void stream_close(struct vrng_source *src)
{
	struct stream *stream = src->state;

	src->poll_fd = -1;
	vrng_peer_close(stream->peer);
	vrng_wait_close(&stream->wait);
}

static void stream_free(struct vrng_source *src)
{
	struct stream *stream = src->state;

	if (stream)
		vrng_peer_free(stream->peer);
	free(stream);
}

static enum vrng_origin stream_origin(const struct vrng_source *src)
{
	const struct stream *stream = src->state;

	return vrng_peer_origin(stream->peer);
}

static enum vrng_place stream_place(const struct vrng_source *src,
				    const char **text)
{
	*text = src->arg;
	return *src->kind->name == 'u' ? VRNG_PLACE_PATH : VRNG_PLACE_ADDRESS;
}

#define KIND(word, address)                                                   \
	{                                                                     \
		.name = (word), .usage = word ":" address, .takes_arg = true, \
		.revives = true, .origin = stream_origin,                     \
		.parse = stream_parse, .place = stream_place,                 \
		.check = stream_check, .open = stream_open,                   \
		.read = stream_read, .close = stream_close,                   \
		.free = stream_free,                                          \
	}

const struct vrng_kind vrng_kind_unix = KIND("unix", "PATH");
const struct vrng_kind vrng_kind_tcp = KIND("tcp", "HOST:PORT");
