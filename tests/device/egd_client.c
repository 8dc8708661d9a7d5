// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/sources/egd_wire.h"
#include "tests/device/egd_client.h"
#include "tests/device/egd_request.h"
#include "tests/device/loop.h"

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

/* ------------------------------------------------------------- requests */

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
	/* It may have asked, closed its half, and read on. */
	client->has_ended = true;
	return !got && egd_client_wants(client) ? 0 : -EPIPE;
}

bool egd_client_wants(const struct egd_client *client)
{
	return client->out_len || client->owed || client->in_len;
}

bool egd_client_listens(const struct egd_client *client)
{
	return !client->has_ended && client->in_len < sizeof(client->in);
}

/* The data of a write is dropped: nobody can vouch for it. */
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

/* As many as there are; that they are there is not promised to anybody else. */
static void reply_read(struct egd_client *c, size_t at_hand, uint8_t n)
{
	const size_t m = n < at_hand ? n : at_hand;

	c->out[0] = (uint8_t)m;
	c->out_len = 1;
	c->owed = m;
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
		c->owed += request->n;
		break;
	case VRNG_EGD_WRITE:
		c->skip = request->n;
		break;
	default:
		reply_pid(c);
	}
}

/*
 * A reply that has a head must not be begun before the one before it is over;
 * those without one, which are what busy clients ask for, run into each other.
 */
static bool may_begin(const struct egd_client *c, uint8_t command)
{
	if (command == VRNG_EGD_WAIT)
		return c->owed < EGD_CLIENT_OWED;
	return !c->owed && !c->out_len;
}

static int look_at_requests(struct egd_client *c, size_t at_hand,
			    struct egd_counts *counts, struct vrng_why *why)
{
	struct egd_request request;
	size_t at = 0;
	ssize_t len;

	skip_data(c, counts);
	while (!c->skip && at < c->in_len) {
		len = egd_request_parse(&request, c->in + at, c->in_len - at);
		if (len < 0)
			return vrng_why(why, EPROTO,
					"it sent 0x%02x, which is no command",
					c->in[at]);
		if (!len || !may_begin(c, request.command))
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

/* -------------------------------------------------------------- replies */

/* Its head, and then @random bytes: of both, what the socket takes. */
static ssize_t send_reply(const struct egd_client *c,
			  const struct egd_pool *pool, size_t random)
{
	struct iovec piece[3] = { { .iov_base = (void *)(uintptr_t)c->out,
				    .iov_len = c->out_len } };
	struct msghdr msg = { .msg_iov = piece };
	ssize_t put;

	msg.msg_iovlen = 1 + (size_t)egd_pool_front(pool, random, piece + 1);
	put = sendmsg(c->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (put < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return put;
}

/* How many of @put bytes were random ones, which are its own now. */
static size_t account(struct egd_client *c, size_t put)
{
	const size_t head = put < c->out_len ? put : c->out_len;

	c->out_len -= head;
	memmove(c->out, c->out + head, c->out_len);
	c->owed -= put - head;
	return put - head;
}

/* Nothing can be sent: is that the end of it, or is the pool empty? */
static enum egd_served has_nothing(const struct egd_client *c)
{
	if (c->owed)
		return EGD_SERVED_DRY;
	return c->has_ended ? EGD_SERVED_GONE : EGD_SERVED_ALL;
}

static size_t least(size_t a, size_t b, size_t c)
{
	const size_t less = a < b ? a : b;

	return less < c ? less : c;
}

enum egd_served egd_client_serve(struct egd_client *client,
				 struct egd_pool *pool, size_t most,
				 struct egd_counts *counts,
				 struct vrng_why *why)
{
	size_t at_hand, random, wanted, given = 0;
	uint64_t now;
	ssize_t put;

	while (given < most) {
		now = loop_now();
		at_hand = egd_pool_at_hand(pool, now);
		if (look_at_requests(client, at_hand, counts, why))
			return EGD_SERVED_WRONG;
		random = least(client->owed, at_hand, most - given);
		wanted = client->out_len + random;
		if (!wanted)
			return has_nothing(client);
		put = send_reply(client, pool, random);
		if (put < 0)
			return EGD_SERVED_GONE;
		random = account(client, (size_t)put);
		egd_pool_gave(pool, random, now);
		counts->bytes += random;
		given += random;
		if ((size_t)put < wanted)
			return EGD_SERVED_FULL;
	}
	return EGD_SERVED_TURN;
}
