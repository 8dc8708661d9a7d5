// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any stream of vhost-user messages with descriptors. After the connection no
 * descriptor is left open, and starts and stops of the ring alternate.
 *
 * Input: a byte of options, then the messages. Each is a byte for the request, a
 * byte of flags and descriptors, a byte for the size, and the payload. The header
 * may announce a payload that does not follow.
 */
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/front.h"
#include "tests/device/vhost-user/session.h"
#include "tests/fuzz/fake_ring.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/fds.h"

#define MESSAGES 64

/*
 * Send one message. Bits of @how: 0: need_reply; 1 and 2: number of descriptors;
 * 7: only the header.
 */
static bool send_one(struct front *f, struct fuzz_input *in)
{
	uint32_t request = fuzz_byte(in) % 48;
	uint8_t how = fuzz_byte(in);
	int fds[] = { f->memfd, f->kick, f->call };
	const uint8_t *payload;
	size_t len = fuzz_bytes(in, fuzz_byte(in), &payload);

	if (how & 0x80)
		return !front_send_part(f, request, (uint32_t)len, f->memfd);
	return !front_send(f, request, how & 1 ? 9 : 1, payload, len, fds,
			   (unsigned int)how >> 1 & 3);
}

/* Send the usual setup of the ring first, or not; then the messages. */
static void talk(struct front *f, struct session *session,
		 struct fuzz_input *in)
{
	struct vrng_error error;
	int err = 0;

	if (fuzz_byte(in) & 1)
		front_send_ring(f, FRONT_FEATURES, 0);
	for (int i = 0; i < 16; i++)
		err = session_receive(session, &error);
	for (int i = 0; i < MESSAGES && in->left && !err; i++) {
		struct vu_message reply;

		if (!send_one(f, in))
			break;
		for (int k = 0; k < 3 && !err; k++)
			err = session_receive(session, &error);
		while (front_reply(f, &reply) >= 0)
			;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct session *session;
	struct front front;
	int fds = fds_open();
	int pair[2];

	FUZZ_MUST(!front_init(&front, 16));
	FUZZ_MUST(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	front.sock = pair[0];
	session = session_new(pair[1], 0, &ops, NULL, NULL);
	FUZZ_MUST(session);
	talk(&front, session, &in);
	session_free(session);
	FUZZ_MUST(!live);
	front_done(&front);
	FUZZ_MUST(fds_open() == fds);
	return 0;
}
