// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Anything that the process before may have left of a guest: a label and messages,
 * with descriptors of all kinds. It is refused, or a session acts on it as on what a
 * front end sends; no descriptor is left open, and starts and stops of the ring
 * alternate.
 *
 * Input: datagrams. Each is a byte for the kinds of its descriptors, a byte for their
 * number, a byte for what is prepared, a byte for its size, and its bytes. Prepared is
 * a label or messages, which the bytes change.
 */
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/device/vhost-user-rng/handover.h"
#include "tests/device/vhost-user/session.h"
#include "tests/fuzz/fake_ring.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/fds.h"
#include "tests/unit/front.h"

#define DATAGRAMS 12
#define FDS_MAX	  8

/* What a datagram is made of before bytes of the input change it. */
enum prepared {
	LABEL,
	SETUP, /* messages that start a ring */
	NOTHING,
	PREPARED
};

struct datagram {
	size_t size;
	unsigned int nfds;
	int fds[FDS_MAX];
	unsigned char bytes[8 * sizeof(struct transcript_message)];
};

static void put_label(struct datagram *d, const struct front *f,
		      unsigned int messages)
{
	struct handover_label label = { .version = HANDOVER_VERSION,
					.has_connection = 1,
					.messages = messages,
					.name = "guest" };

	memcpy(label.magic, HANDOVER_MAGIC, sizeof(label.magic));
	memcpy(d->bytes, &label, sizeof(label));
	d->size = sizeof(label);
	d->fds[0] = f->sock;
	d->nfds = 1;
}

static void put_setup(struct datagram *d, const struct front *f)
{
	const struct vu_addr addr = { .desc = front_addr(f->desc),
				      .avail = front_addr(f->avail),
				      .used = front_addr(f->used) };
	const struct vu_mem_reg regs[2] = { { .region = front_region(0) },
					    { .region = front_region(1) } };
	const struct vu_state num = { .num = f->num }, on = { .num = 1 };
	const uint64_t features = FRONT_FEATURES, ring = 0;
	static struct transcript t;

	t.n = 0;
	transcript_add(&t, VU_SET_FEATURES, &features, sizeof(features), -1);
	transcript_add(&t, VU_ADD_MEM_REG, &regs[0], sizeof(regs[0]), f->memfd);
	transcript_add(&t, VU_ADD_MEM_REG, &regs[1], sizeof(regs[1]), f->memfd);
	transcript_add(&t, VU_SET_VRING_NUM, &num, sizeof(num), -1);
	transcript_add(&t, VU_SET_VRING_ADDR, &addr, sizeof(addr), -1);
	transcript_add(&t, VU_SET_VRING_ENABLE, &on, sizeof(on), -1);
	transcript_add(&t, VU_SET_VRING_KICK, &ring, sizeof(ring), f->kick);
	memcpy(d->bytes, t.message, t.n * sizeof(t.message[0]));
	d->size = t.n * sizeof(t.message[0]);
	d->fds[0] = d->fds[1] = f->memfd;
	d->fds[2] = f->kick;
	d->nfds = 3;
}

/* The bytes of the input are added to what was prepared, from an offset on. */
static void change(struct datagram *d, struct fuzz_input *in)
{
	const size_t at = fuzz_byte(in) * 2U;
	const uint8_t *bytes;
	const size_t n = fuzz_bytes(in, fuzz_byte(in) % 64U, &bytes);

	for (size_t i = 0; i < n && at + i < sizeof(d->bytes); i++)
		d->bytes[at + i] = (unsigned char)(d->bytes[at + i] + bytes[i]);
	if (n && d->size < at + n && at + n <= sizeof(d->bytes))
		d->size = at + n;
}

static void send_one(const struct front *f, int sock, struct fuzz_input *in)
{
	const int kinds[] = { f->sock, f->memfd, f->kick, f->call };
	const uint8_t kind = fuzz_byte(in), fds = fuzz_byte(in);
	const uint8_t what = fuzz_byte(in);
	struct datagram d = { .size = 0 };

	if (what % PREPARED == LABEL)
		put_label(&d, f, what / PREPARED % 16U);
	else if (what % PREPARED == SETUP)
		put_setup(&d, f);
	change(&d, in);
	if (fds & 0x80) {
		d.nfds = fds % (FDS_MAX + 1U);
		for (unsigned int i = 0; i < d.nfds; i++)
			d.fds[i] = kinds[(kind >> i % 7U) & 3U];
	}
	(void)vrng_passing_send_all(sock, d.bytes, d.size, d.fds, d.nfds,
				    MSG_DONTWAIT);
}

/* As connection.c does. */
static void go_on(struct handover *h)
{
	struct transcript *t = transcript_new();
	struct vrng_error error = { "" };
	struct session *session;
	int sock = h->connection;

	FUZZ_MUST(t);
	h->connection = -1;
	if (handover_transcript(h, t, &error)) {
		FUZZ_MUST(error.text[0] && !t->n);
		if (sock >= 0)
			close(sock);
	} else if (sock >= 0) {
		session = session_new(sock, 0, &ops, NULL, NULL);
		FUZZ_MUST(session);
		if (session_replay(session, t, &error))
			FUZZ_MUST(error.text[0]);
		session_free(session);
	}
	transcript_close(t);
	free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct vrng_error error = { "" };
	struct handover *h;
	struct front front;
	int fds = fds_open(), connection[2], pair[2];

	FUZZ_MUST(!front_init(&front, 16));
	FUZZ_MUST(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			      connection));
	FUZZ_MUST(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair));
	front.sock = connection[0];
	for (int i = 0; i < DATAGRAMS && in.left; i++)
		send_one(&front, pair[0], &in);
	h = handover_receive(pair[1], &error);
	if (h) {
		FUZZ_MUST(h->name[0] && memchr(h->name, 0, sizeof(h->name)));
		go_on(h);
	} else {
		FUZZ_MUST(error.text[0]);
	}
	handover_free(h);
	FUZZ_MUST(!live);
	close(pair[0]);
	close(connection[1]);
	front_done(&front);
	FUZZ_MUST(fds_open() == fds);
	return 0;
}
