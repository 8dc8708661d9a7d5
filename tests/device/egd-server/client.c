// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/sources/egd_wire.h"
#include "tests/device/egd-server/client.h"
#include "tests/device/egd-server/request.h"
#include "tests/device/runtime/loop.h"

void egd_client_init(struct egd_client *client, int fd)
{
	memset(client, 0, sizeof(*client));
	client->fd = fd;
}

void egd_client_done(struct egd_client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
}

/* ---- requests ---- */

static void drop_in(struct egd_client *c, size_t n)
{
	c->in_len -= n;
	memmove(c->in, c->in + n, c->in_len);
}

int egd_client_read(struct egd_client *client)
{
	ssize_t got;

	if (!egd_client_listens(client))
		return 0;
	got = recv(client->fd, client->in + client->in_len,
		   sizeof(client->in) - client->in_len, MSG_DONTWAIT);
	if (got > 0) {
		client->in_len += (size_t)got;
		return 0;
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	/* A client may ask, shut its side down, and go on reading. */
	client->has_ended = true;
	return !got && egd_client_wants(client) ? 0 : -EPIPE;
}

bool egd_client_is_owed(const struct egd_client *client)
{
	return client->out_len || client->owed.replies;
}

bool egd_client_wants(const struct egd_client *client)
{
	return egd_client_is_owed(client) || client->in_len;
}

bool egd_client_listens(const struct egd_client *client)
{
	return !client->has_ended && client->in_len < sizeof(client->in);
}

/* The data of a write is dropped: it comes from an untrusted client. */
static void skip_data(struct egd_client *c, struct egd_counts *counts)
{
	const size_t n = c->skip < c->in_len ? c->skip : c->in_len;

	if (!n)
		return;
	c->skip -= n;
	counts->written += n;
	drop_in(c, n);
}

static void reply_level(struct egd_client *c, size_t at_hand)
{
	const uint32_t bits = (uint32_t)(at_hand * 8);
	int i;

	for (i = 0; i < 4; i++)
		c->out[i] = (uint8_t)(bits >> (24 - 8 * i));
	c->out_len = 4;
}

static void reply_pid(struct egd_client *c)
{
	char text[sizeof(c->out) - 1];
	int len = snprintf(text, sizeof(text), "%d", (int)getpid());

	c->out[0] = (uint8_t)len;
	memcpy(c->out + 1, text, (size_t)len);
	c->out_len = 1 + (size_t)len;
}

/* As many as are at hand: no other client has been promised these. */
static void reply_read(struct egd_client *c, size_t at_hand, uint8_t n)
{
	const size_t m = n < at_hand ? n : at_hand;

	c->out[0] = (uint8_t)m;
	c->out_len = 1;
	egd_owed_add(&c->owed, (uint8_t)m);
}

static void begin_reply(struct egd_client *c, size_t at_hand,
			const struct egd_request *request)
{
	switch (request->command) {
	case VRNG_EGD_LEVEL:
		reply_level(c, at_hand);
		break;
	case VRNG_EGD_READ:
		reply_read(c, at_hand, request->n);
		break;
	case VRNG_EGD_WAIT:
		egd_owed_add(&c->owed, request->n);
		break;
	case VRNG_EGD_WRITE:
		c->skip = request->n;
		break;
	default:
		reply_pid(c);
	}
}

/*
 * A reply that has bytes of its own in @out begins after the one before it has
 * ended. Replies to blocking reads have none, and may be sent together.
 */
static bool may_begin(const struct egd_client *c,
		      const struct egd_request *request)
{
	if (request->command == VRNG_EGD_WAIT)
		return egd_owed_has_room(&c->owed, request->n);
	return !c->owed.replies && !c->out_len;
}

static int look_at_requests(struct egd_client *c, size_t at_hand,
			    struct egd_counts *counts, struct vrng_error *error)
{
	struct egd_request request;
	size_t at = 0;
	ssize_t len;

	skip_data(c, counts);
	while (!c->skip && at < c->in_len) {
		len = egd_request_parse(&request, c->in + at, c->in_len - at);
		if (len < 0)
			return vrng_fail(error, EPROTO,
					 "it sent 0x%02x, which is no command",
					 c->in[at]);
		if (!len || !may_begin(c, &request))
			break;
		at += (size_t)len;
		counts->requests++;
		begin_reply(c, at_hand, &request);
		if (c->skip) {
			drop_in(c, at);
			at = 0;
			skip_data(c, counts);
		}
	}
	drop_in(c, at);
	return 0;
}

/* ---- replies ---- */

/* Send @out and then @random bytes: how many bytes the socket took. */
static ssize_t send_reply(const struct egd_client *c,
			  const struct egd_prefetch *prefetch, size_t random)
{
	struct iovec piece[3] = { { .iov_base = (void *)(uintptr_t)c->out,
				    .iov_len = c->out_len } };
	struct msghdr msg = { .msg_iov = piece };
	ssize_t put;

	msg.msg_iovlen =
		1 + (size_t)egd_prefetch_front(prefetch, random, piece + 1);
	put = sendmsg(c->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (put < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return put;
}

/* @put bytes were sent: how many of them were random bytes. */
static size_t account(struct egd_client *c, size_t put)
{
	const size_t head = put < c->out_len ? put : c->out_len;

	c->out_len -= head;
	memmove(c->out, c->out + head, c->out_len);
	egd_owed_give(&c->owed, put - head);
	return put - head;
}

/* May the first reply be cut where the bytes at hand end? */
static bool may_be_cut(const struct egd_client *c,
		       const struct egd_prefetch *prefetch)
{
	return c->owed.sent || prefetch->in_pieces;
}

size_t egd_client_needs(const struct egd_client *client,
			const struct egd_prefetch *prefetch)
{
	if (!client->owed.replies || client->out_len ||
	    may_be_cut(client, prefetch))
		return 1;
	return egd_owed_first(&client->owed);
}

/* Nothing can be sent: all is done, or too few bytes are at hand. */
static enum egd_served has_nothing(const struct egd_client *c)
{
	if (c->owed.replies)
		return EGD_SERVED_DRY;
	return c->has_ended ? EGD_SERVED_GONE : EGD_SERVED_ALL;
}

enum egd_served egd_client_serve(struct egd_client *client,
				 struct egd_prefetch *prefetch, size_t most,
				 struct egd_counts *counts,
				 struct vrng_error *error)
{
	size_t at_hand, random, wanted, given = 0;
	uint64_t now;
	ssize_t put;

	while (given < most) {
		now = vrng_now();
		counts->forks += egd_prefetch_look(prefetch);
		at_hand = egd_prefetch_at_hand(prefetch, 1, now);
		if (look_at_requests(client, at_hand, counts, error))
			return EGD_SERVED_WRONG;
		random = egd_owed_bytes(&client->owed, at_hand, most - given,
					may_be_cut(client, prefetch));
		wanted = client->out_len + random;
		if (!wanted)
			return has_nothing(client);
		put = send_reply(client, prefetch, random);
		if (put < 0)
			return EGD_SERVED_GONE;
		random = account(client, (size_t)put);
		egd_prefetch_gave(prefetch, random, now);
		counts->bytes += random;
		given += random;
		if ((size_t)put < wanted)
			return EGD_SERVED_FULL;
	}
	return EGD_SERVED_TURN;
}
