// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An EGD server's client that sends what the input says, in pieces, with turns
 * in between, more or less in the ring, and a socket that may be full. No byte
 * is lost between ring and socket, or given out twice.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/device/egd-server/client.h"
#include "tests/fuzz/fuzz.h"

#define STEPS 256

struct fixture {
	struct egd_prefetch prefetch;
	size_t filled; /* into it, in all */
	struct egd_client client;
	struct egd_counts counts;
	int peer;
};

static void begin(struct fixture *f)
{
	int ends[2];
	const int small = 4096;

	*f = (struct fixture){ .peer = -1 };
	FUZZ_MUST(!egd_prefetch_init(
		&f->prefetch, &(struct egd_prefetch_setup){ .period_ns = 1 },
		NULL));
	FUZZ_MUST(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends));
	(void)setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	egd_client_init(&f->client, ends[0]);
	f->peer = ends[1];
}

static void end(struct fixture *f)
{
	egd_client_done(&f->client);
	egd_prefetch_done(&f->prefetch);
	close(f->peer);
}

static void client_sends(struct fixture *f, struct fuzz_input *in, size_t len)
{
	const uint8_t *bytes;

	len = fuzz_bytes(in, len, &bytes);
	if (len)
		(void)!send(f->peer, bytes, len, MSG_NOSIGNAL);
}

static void client_reads(struct fixture *f, size_t len)
{
	uint8_t buf[512];

	(void)!recv(f->peer, buf, len < sizeof(buf) ? len : sizeof(buf), 0);
}

/* What the bytes are does not matter. */
static void fill(struct fixture *f, size_t len)
{
	struct iovec part[2];
	size_t n = 0;

	for (int i = prefetch_room(&f->prefetch.ring, part, len); i > 0; i--)
		n += part[i - 1].iov_len;
	prefetch_fill(&f->prefetch.ring, n);
	f->filled += n;
}

/* False: it is to be dropped. */
static bool turn(struct fixture *f, size_t most)
{
	const uint64_t before = f->counts.bytes;
	struct vrng_error error = { "" };
	enum egd_served served;

	if (egd_client_read(&f->client))
		return false;
	served = egd_client_serve(&f->client, &f->prefetch, most, &f->counts,
				  &error);
	FUZZ_MUST(f->filled ==
		  prefetch_level(&f->prefetch.ring) + f->counts.bytes);
	FUZZ_MUST(f->counts.bytes - before < most + EGD_PREFETCH_WHOLE);
	FUZZ_MUST(f->client.owed.replies <= EGD_OWED_MAX);
	FUZZ_MUST(f->client.owed.runs <= EGD_OWED_RUNS);
	FUZZ_MUST(f->client.in_len <= sizeof(f->client.in));
	FUZZ_MUST(served != EGD_SERVED_DRY ||
		  prefetch_level(&f->prefetch.ring) <
			  egd_client_needs(&f->client, &f->prefetch));
	FUZZ_MUST(served != EGD_SERVED_WRONG || *error.text);
	return served != EGD_SERVED_WRONG && served != EGD_SERVED_GONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { .at = data, .left = size };
	bool go_on = true;
	struct fixture f;
	int i;

	begin(&f);
	for (i = 0; go_on && in.left && i < STEPS; i++) {
		const uint8_t step = fuzz_byte(&in);
		const size_t len = fuzz_byte(&in);

		switch (step % 5) {
		case 0:
			go_on = turn(&f, len * 8 + 1);
			break;
		case 1:
			fill(&f, len);
			break;
		case 2:
			client_reads(&f, len * 2 + 1);
			break;
		case 3:
			if (step > 240)
				(void)shutdown(f.peer, SHUT_WR);
			break;
		default:
			client_sends(&f, &in, len);
		}
	}
	end(&f);
	return 0;
}
