// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Source "egd:unix:PATH" and "egd:tcp:HOST:PORT": a server that speaks the
 * protocol of egd_wire.h.
 *
 * Without a cache it requests what a read wants, one request at a time: with a
 * non-blocking read (01); if that returns nothing, with a blocking read (02) of
 * a few bytes.
 *
 * With cache=BYTES it fills a buffer ahead and answers reads from there. It
 * always requests as much as the buffer has room for, by blocking reads of 255
 * bytes. It sends them without waiting for replies, so that the server's delay
 * counts once and not once a request.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "rngd/base/number.h"
#include "rngd/sources/egd_wire.h"
#include "rngd/sources/kind.h"
#include "rngd/sources/peer.h"
#include "rngd/sources/store.h"

#define CACHE_MIN 512 /* bytes */
#define CACHE_MAX (16 * 1024 * 1024)

/* Bytes in one read, so that it does not hold up its caller for long. */
#define CHUNK (1024 * 1024)

/* Bytes to request from a server that had none: few, so that they come soon. */
#define WAIT_BYTES 16

/*
 * Requests or replies in one read. Without a limit, a server that replies as
 * fast as it is asked could hold up the caller.
 */
#define STEPS 8

static const char *const egd_keys[] = { "cache", NULL };

struct egd {
	size_t cache; /* bytes; 0: none */
	struct vrng_peer *peer;
	struct vrng_wait wait;
	struct vrng_store store; /* only with cache */

	/* Without a cache. */
	uint8_t request[2];
	size_t unsent; /* of request, at its end */
	uint8_t asked; /* N of a request whose M has not come yet, or 0 */
	bool is_starved; /* the last M was 0 */

	size_t owed; /* random bytes that are requested and have not come */

	/* With a cache. */
	size_t unsent_ahead; /* bytes of requests, two each */
	size_t since; /* bytes taken since the cache was last refilled */
};

/* ---------------------------------------------------------------- parsing */

static int parse_cache(struct egd *egd, const char *text,
		       struct vrng_error *error)
{
	uint64_t bytes = 0;

	if (text && vrng_number(&bytes, "source \"egd\": cache", text,
				CACHE_MIN, CACHE_MAX, error))
		return -EINVAL;
	egd->cache = (size_t)bytes; /* at most CACHE_MAX */
	return 0;
}

static int egd_parse(struct vrng_source *src, const struct vrng_spec *spec,
		     struct vrng_error *error)
{
	struct egd *egd = calloc(1, sizeof(*egd));
	int ret;

	if (!egd)
		return vrng_fail(error, ENOMEM, "%s: %m", src->name);
	egd->wait = (struct vrng_wait)VRNG_WAIT_CLOSED;
	src->state = egd;
	ret = vrng_peer_parse(&egd->peer, src->name, src->arg, error);
	if (ret)
		return ret;
	return parse_cache(egd, vrng_spec_value(spec, 1, "cache"), error);
}

static void egd_free(struct vrng_source *src)
{
	struct egd *egd = src->state;

	if (egd)
		vrng_peer_free(egd->peer);
	free(egd);
}

/* ---------------------------------------------------------------- opening */

static int open_store(const struct vrng_source *src, struct egd *egd,
		      struct vrng_error *error)
{
	int ret = egd->cache ? vrng_store_open(&egd->store, egd->cache) : 0;

	return ret ? vrng_fail(error, -ret,
			       "%s: cannot lock the cache in memory: %m; raise "
			       "the limit (ulimit -l, LimitMEMLOCK=) or give a "
			       "smaller cache=",
			       src->name) :
		     0;
}

static int egd_check(struct vrng_source *src, struct vrng_error *error)
{
	struct egd *egd = src->state;
	int ret = open_store(src, egd, error);

	if (ret)
		return ret;
	vrng_store_close(&egd->store);
	return vrng_peer_check(egd->peer, error);
}

static void egd_close(struct vrng_source *src)
{
	struct egd *egd = src->state;

	src->poll_fd = -1;
	vrng_peer_close(egd->peer);
	vrng_wait_close(&egd->wait);
	vrng_store_close(&egd->store);
	egd->unsent = 0;
	egd->asked = 0;
	egd->is_starved = false;
	egd->owed = 0;
	egd->unsent_ahead = 0;
	egd->since = 0;
}

static int egd_open(struct vrng_source *src, struct vrng_error *error)
{
	struct egd *egd = src->state;
	int ret = vrng_wait_open(&egd->wait);

	if (ret)
		return vrng_fail(error, -ret, "%s: cannot open: %m", src->name);
	ret = open_store(src, egd, error);
	if (!ret)
		ret = vrng_peer_open(egd->peer, &egd->wait, error);
	if (ret)
		egd_close(src);
	else
		src->poll_fd = egd->wait.epoll;
	return ret;
}

/* ---------------------------------------------------------------- failing */

/* The end of the source, for functions of this file where 0 means success. */
#define ENDED (-ENODATA)

/*
 * Between two replies a server may close the connection. With a cache, requests
 * are always outstanding.
 */
static bool is_within_reply(const struct egd *egd)
{
	return egd->cache ? egd->owed % VRNG_EGD_MAX : egd->owed;
}

static ssize_t has_closed(const struct vrng_source *src, const struct egd *egd,
			  struct vrng_error *error)
{
	if (is_within_reply(egd))
		return vrng_fail(
			error, EPROTO,
			"%s: the server closed the connection within a "
			"reply: %m; see what its log says",
			src->name);
	return vrng_source_end(error, "%s: the server closed the connection",
			       src->name);
}

/* With no reply outstanding the server must send nothing. 0 if it has not. */
static ssize_t check_quiet(const struct vrng_source *src, struct egd *egd,
			   struct vrng_error *error)
{
	uint8_t byte;
	ssize_t got = recv(vrng_peer_fd(egd->peer), &byte, 1,
			   MSG_PEEK | MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got > 0)
		return vrng_fail(error, EPROTO,
				 "%s: the server sent more than it was asked "
				 "for: %m; is it an EGD server?",
				 src->name);
	got = vrng_peer_recv(egd->peer, &byte, 1, error);
	if (got)
		return got;
	(void)has_closed(src, egd, error);
	return ENDED;
}

/* -------------------------------------------------------- without a cache */

static ssize_t send_request(struct egd *egd, struct vrng_error *error)
{
	ssize_t put;

	while (egd->unsent) {
		put = vrng_peer_send(egd->peer, egd->request + 2 - egd->unsent,
				     egd->unsent, error);
		if (put < 0) {
			vrng_peer_want_send(egd->peer, put == -EAGAIN);
			return put;
		}
		egd->unsent -= (size_t)put;
	}
	vrng_peer_want_send(egd->peer, false);
	return 0;
}

static ssize_t ask(const struct vrng_source *src, struct egd *egd, size_t want,
		   struct vrng_error *error)
{
	const size_t most = egd->is_starved ? WAIT_BYTES : VRNG_EGD_MAX;
	const uint8_t n = (uint8_t)(want < most ? want : most);
	ssize_t ret = check_quiet(src, egd, error);

	if (ret)
		return ret;
	egd->request[0] = egd->is_starved ? VRNG_EGD_WAIT : VRNG_EGD_READ;
	egd->request[1] = n;
	egd->unsent = sizeof(egd->request);
	if (egd->is_starved)
		egd->owed = n;
	else
		egd->asked = n;
	egd->is_starved = false;
	return 0;
}

/* Read M, the one length that comes from outside, and check it. */
static ssize_t read_length(const struct vrng_source *src, struct egd *egd,
			   struct vrng_error *error)
{
	uint8_t m;
	ssize_t got = vrng_peer_recv(egd->peer, &m, 1, error);

	if (got == 0)
		return has_closed(src, egd, error);
	if (got < 0)
		return got;
	if (m > egd->asked)
		return vrng_fail(error, EPROTO,
				 "%s: the server sends %d bytes where %d were "
				 "asked for: %m; is it an EGD server?",
				 src->name, m, egd->asked);
	egd->asked = 0;
	egd->owed = m;
	egd->is_starved = !m;
	return 1;
}

static ssize_t read_owed(const struct vrng_source *src, struct egd *egd,
			 void *buf, size_t len, struct vrng_error *error)
{
	ssize_t got = vrng_peer_recv(egd->peer, buf,
				     len < egd->owed ? len : egd->owed, error);

	if (got == 0)
		return has_closed(src, egd, error);
	if (got > 0)
		egd->owed -= (size_t)got;
	return got;
}

static ssize_t read_plain(const struct vrng_source *src, struct egd *egd,
			  void *buf, size_t len, struct vrng_error *error)
{
	ssize_t ret;
	int i;

	for (i = 0; i < STEPS; i++) {
		if (!egd->asked && !egd->owed) {
			ret = ask(src, egd, len, error);
			if (ret)
				return ret == ENDED ? 0 : ret;
		}
		ret = send_request(egd, error);
		if (ret)
			return ret;
		if (egd->owed)
			return read_owed(src, egd, buf, len, error);
		ret = read_length(src, egd, error);
		if (ret <= 0)
			return ret;
	}
	return -EAGAIN;
}

/* ----------------------------------------------------------- with a cache */

/* Request all that there is room for. The requests are 02 FF 02 FF ... */
static ssize_t ask_ahead(struct egd *egd, struct vrng_error *error)
{
	static uint8_t requests[1024];
	const size_t free = egd->store.size - egd->store.used - egd->owed;
	const size_t more = free / VRNG_EGD_MAX;
	size_t i, n, odd;
	ssize_t put;

	if (!requests[0])
		for (i = 0; i < sizeof(requests); i++)
			requests[i] = i % 2 ? VRNG_EGD_MAX : VRNG_EGD_WAIT;
	egd->owed += more * VRNG_EGD_MAX;
	egd->unsent_ahead += 2 * more;
	while (egd->unsent_ahead) {
		odd = egd->unsent_ahead % 2;
		n = egd->unsent_ahead < sizeof(requests) - 1 ?
			    egd->unsent_ahead :
			    sizeof(requests) - 1;
		put = vrng_peer_send(egd->peer, requests + odd, n, error);
		if (put < 0 && put != -EAGAIN)
			return put;
		if (put < 0)
			break;
		egd->unsent_ahead -= (size_t)put;
	}
	vrng_peer_want_send(egd->peer, egd->unsent_ahead);
	return 0;
}

/* Receive into the buffer. It always has room for all outstanding bytes. */
static ssize_t take_in(const struct vrng_source *src, struct egd *egd,
		       struct vrng_error *error)
{
	struct iovec room[2];
	struct msghdr msg = { .msg_iov = room };
	const size_t most = egd->owed < CHUNK ? egd->owed : CHUNK;
	ssize_t got;

	if (!egd->owed)
		return check_quiet(src, egd, error);
	msg.msg_iovlen = (size_t)vrng_store_room(&egd->store, most, room);
	got = recvmsg(vrng_peer_fd(egd->peer), &msg, MSG_DONTWAIT);
	if (got == 0)
		return has_closed(src, egd, error) ? -EPROTO : ENDED;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got < 0)
		return vrng_fail(error, errno,
				 "%s: lost the connection: %m; check the peer",
				 src->name);
	vrng_store_added(&egd->store, (size_t)got);
	egd->owed -= (size_t)got;
	return 0;
}

static ssize_t refill(const struct vrng_source *src, struct egd *egd,
		      struct vrng_error *error)
{
	ssize_t ret = vrng_peer_connect(egd->peer, error);

	egd->since = 0;
	if (!ret)
		ret = take_in(src, egd, error);
	if (!ret)
		ret = ask_ahead(egd, error);
	return ret;
}

/*
 * Bytes in the buffer are returned even after the connection was lost. The read
 * that finds the buffer empty returns the error.
 */
static ssize_t read_cached(const struct vrng_source *src, struct egd *egd,
			   void *buf, size_t len, struct vrng_error *error)
{
	ssize_t ret = 0;
	size_t n;

	if (egd->store.used < len || egd->since >= egd->store.size / 8)
		ret = refill(src, egd, error);
	n = vrng_store_take(&egd->store, buf, len < CHUNK ? len : CHUNK);
	egd->since += n;
	vrng_wait_ready(&egd->wait, egd->store.used);
	if (n)
		return (ssize_t)n;
	if (ret == ENDED)
		return 0;
	return ret ? ret : -EAGAIN;
}

static ssize_t egd_read(struct vrng_source *src, void *buf, size_t len,
			struct vrng_error *error)
{
	struct egd *egd = src->state;
	ssize_t ret;

	if (egd->cache)
		return read_cached(src, egd, buf, len, error);
	ret = vrng_peer_connect(egd->peer, error);
	return ret ? ret : read_plain(src, egd, buf, len, error);
}

static enum vrng_origin egd_origin(const struct vrng_source *src)
{
	const struct egd *egd = src->state;

	return vrng_peer_origin(egd->peer);
}

/* unix:PATH or tcp:HOST:PORT: it was parsed. */
static enum vrng_place egd_place(const struct vrng_source *src,
				 const char **text)
{
	*text = strchr(src->arg, ':') + 1;
	return *src->arg == 'u' ? VRNG_PLACE_PATH : VRNG_PLACE_ADDRESS;
}

const struct vrng_kind vrng_kind_egd = {
	.name = "egd",
	.revives = true,
	.usage = "egd:unix:PATH or egd:tcp:HOST:PORT, with cache=BYTES",
	.keys = egd_keys,
	.takes_arg = true,
	.origin = egd_origin,
	.place = egd_place,
	.parse = egd_parse,
	.check = egd_check,
	.open = egd_open,
	.read = egd_read,
	.close = egd_close,
	.free = egd_free,
};
