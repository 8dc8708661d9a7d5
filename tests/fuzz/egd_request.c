// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An EGD server's client that sends what the input says, in pieces, with turns
 * in between, more or less in the pool, and a socket that may be full. No byte
 * is lost between pool and socket, or given out twice.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/device/egd_client.h"
#include "tests/fuzz/fuzz.h"

#define DRBG         \
	"drbg:seed=" \
	"0000000000000000000000000000000000000000000000000000000000000001"

#define STEPS 256

struct fixture {
	struct vrng_source *source;
	struct egd_pool pool;
	struct egd_client client;
	struct egd_counts counts;
	int peer;
};

static void begin(struct fixture *f)
{
	int ends[2];
	const int small = 4096;

	*f = (struct fixture){ .peer = -1 };
	FUZZ_MUST(!vrng_source_parse(&f->source, DRBG, NULL));
	FUZZ_MUST(!egd_pool_init(&f->pool, f->source, NULL, 0, 1));
	FUZZ_MUST(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends));
	(void)setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	egd_client_init(&f->client, ends[0]);
	f->peer = ends[1];
}

static void end(struct fixture *f)
{
	egd_client_done(&f->client);
	egd_pool_done(&f->pool);
	vrng_source_free(f->source);
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

/* False: it is to be dropped. */
static bool turn(struct fixture *f, size_t most)
{
	const uint64_t before = f->counts.bytes;
	struct vrng_why why = { "" };
	enum egd_served served;

	if (egd_client_read(&f->client))
		return false;
	served = egd_client_serve(&f->client, &f->pool, most, &f->counts, &why);
	FUZZ_MUST(f->pool.drawn == f->pool.store.used + f->counts.bytes);
	FUZZ_MUST(f->counts.bytes - before <= most);
	FUZZ_MUST(f->client.owed < EGD_CLIENT_OWED + 256);
	FUZZ_MUST(f->client.in_len <= sizeof(f->client.in));
	FUZZ_MUST(served != EGD_SERVED_DRY ||
		  (f->client.owed && !f->pool.store.used));
	FUZZ_MUST(served != EGD_SERVED_WRONG || *why.text);
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
			(void)egd_pool_fill(&f.pool, len, 0);
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
