// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An EGD source and a server that sends what the input says. The source's own
 * file is included, with a peer in place of the real one that is the other end
 * of a socket pair; its statics can be looked at.
 *
 * The input: a byte for the cache, and then steps: what to do, and a length.
 */
/* NOLINTNEXTLINE(bugprone-suspicious-include): its statics are looked at */
#include "rngd/sources/egd.c"

#include <unistd.h>

#include "tests/fuzz/fuzz.h"

#define READ_MAX 700

struct vrng_peer {
	int fd;
	int server; /* -1: it has closed */
};

static struct vrng_peer peer;

int vrng_peer_parse(struct vrng_peer **made, const char *name,
		    const char *address, struct vrng_error *error)
{
	(void)name, (void)address, (void)error;
	*made = &peer;
	return 0;
}

int vrng_peer_check(const struct vrng_peer *p, struct vrng_error *error)
{
	(void)p, (void)error;
	return 0;
}

enum vrng_origin vrng_peer_origin(const struct vrng_peer *p)
{
	(void)p;
	return VRNG_ORIGIN_OTHER;
}

int vrng_peer_open(struct vrng_peer *p, struct vrng_wait *wait,
		   struct vrng_error *error)
{
	int ends[2];

	(void)wait, (void)error;
	FUZZ_MUST(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends));
	p->fd = ends[0];
	p->server = ends[1];
	return 0;
}

int vrng_peer_connect(struct vrng_peer *p, struct vrng_error *error)
{
	(void)p, (void)error;
	return 0;
}

int vrng_peer_fd(const struct vrng_peer *p)
{
	return p->fd;
}

void vrng_peer_want_send(struct vrng_peer *p, bool wanted)
{
	(void)p, (void)wanted;
}

ssize_t vrng_peer_recv(struct vrng_peer *p, void *buf, size_t len,
		       struct vrng_error *error)
{
	ssize_t got = recv(p->fd, buf, len, MSG_DONTWAIT);

	return got < 0 ? vrng_fail(error, errno, "%m") : got;
}

ssize_t vrng_peer_send(struct vrng_peer *p, const void *buf, size_t len,
		       struct vrng_error *error)
{
	ssize_t put = send(p->fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	return put < 0 ? vrng_fail(error, errno, "%m") : put;
}

void vrng_peer_close(struct vrng_peer *p)
{
	close(p->fd);
	if (p->server >= 0)
		close(p->server);
}

void vrng_peer_free(struct vrng_peer *p)
{
	(void)p;
}

/* ---- */

static void server_does(struct fuzz_input *in, size_t len)
{
	const uint8_t *bytes;
	uint8_t requests[512];

	while (peer.server >= 0 &&
	       recv(peer.server, requests, sizeof(requests), 0) > 0)
		;
	len = fuzz_bytes(in, len, &bytes);
	if (peer.server >= 0 && len)
		(void)!send(peer.server, bytes, len, MSG_NOSIGNAL);
}

static void server_closes(void)
{
	if (peer.server >= 0)
		close(peer.server);
	peer.server = -1;
}

/* False: the source is at an end. */
static bool caller_reads(struct vrng_source *src, size_t len)
{
	const struct egd *egd = src->state;
	static uint8_t buf[READ_MAX];
	struct vrng_error error = { "" };
	ssize_t got = egd_read(src, buf, len, &error);

	FUZZ_MUST(got <= (ssize_t)len);
	FUZZ_MUST(!egd->cache ||
		  egd->store.used + egd->owed <= egd->store.size);
	FUZZ_MUST(egd->cache || egd->owed <= VRNG_EGD_MAX);
	if (got <= 0 && got != -EAGAIN)
		FUZZ_MUST(*error.text && got != ENDED);
	return got > 0 || got == -EAGAIN;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "egd:fuzz";
	struct fuzz_input in = { .at = data, .left = size };
	struct egd egd = { .peer = &peer, .wait = VRNG_WAIT_CLOSED };
	struct vrng_source src = { .name = name, .state = &egd, .fd = -1 };
	const uint8_t cache = fuzz_byte(&in);
	bool go_on = true;

	egd.cache = cache ? CACHE_MIN + cache : 0;
	FUZZ_MUST(!egd_open(&src, NULL));
	while (go_on && in.left) {
		const uint8_t step = fuzz_byte(&in);
		const size_t len = fuzz_byte(&in) + (step >> 6 & 1u) * 256u;

		if (step % 8 == 7)
			server_closes();
		else if (step % 2)
			server_does(&in, len);
		else
			go_on = caller_reads(&src, len + 1);
	}
	egd_close(&src);
	return 0;
}
