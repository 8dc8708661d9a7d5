// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Clients of rngd's control socket that connect, send, hang up, and are answered
 * late or never. A request is one printable line within its bound, every client is
 * answered or dropped, and none makes the server spin or wait.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rngd/control/server.h"
#include "tests/fuzz/fuzz.h"

#define CLIENTS (RNGD_CONTROL_PLACES + 4)
#define STEPS	200

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static struct rngd_control *control;

struct talk {
	int client[CLIENTS];
	uint64_t ticket[STEPS]; /* to be answered later */
	size_t tickets;
	uint64_t now;
};

static void remove_socket(void)
{
	rngd_control_close(control);
	(void)unlink(address.sun_path);
}

static size_t ask(void *opaque, const struct rngd_control_request *request,
		  char *answer, size_t size)
{
	struct talk **talk = opaque;
	const char *text = request->text;
	const char *c;

	FUZZ_MUST(strlen(text) <= RNGD_CONTROL_LINE);
	for (c = text; *c; c++)
		FUZZ_MUST(*c >= ' ' && *c <= '~');
	if (*text == 'l' && (*talk)->tickets < STEPS) {
		(*talk)->ticket[(*talk)->tickets++] = request->ticket;
		return 0;
	}
	memset(answer, 'a', size);
	return *text == 'm' ? size : 1 + strlen(text);
}

/* One server for all inputs. */
static void open_server(struct talk **talk)
{
	if (control)
		return;
	(void)snprintf(address.sun_path, sizeof(address.sun_path),
		       "/tmp/vrng-fuzz-control-%d", (int)getpid());
	FUZZ_MUST(!rngd_control_open(&control, address.sun_path, (gid_t)-1, ask,
				     talk, NULL));
	atexit(remove_socket);
}

static void join(int *client)
{
	if (*client >= 0)
		return;
	*client =
		socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	FUZZ_MUST(*client >= 0);
	if (!connect(*client, (const struct sockaddr *)&address,
		     sizeof(address)))
		return;
	close(*client); /* the backlog is full */
	*client = -1;
}

static void leave(int *client)
{
	if (*client >= 0)
		close(*client);
	*client = -1;
}

static void vrng_log_line(struct fuzz_input *in, int client)
{
	const uint8_t *bytes;
	size_t len = fuzz_bytes(in, fuzz_byte(in), &bytes);

	if (client >= 0 && len)
		(void)send(client, bytes, len, MSG_NOSIGNAL);
}

static void receive(int client)
{
	char got[4096];

	if (client >= 0)
		(void)recv(client, got, sizeof(got), 0);
}

static void step(struct talk *talk, struct fuzz_input *in)
{
	const uint8_t what = fuzz_byte(in);
	int *client = &talk->client[(what >> 3) % CLIENTS];

	switch (what & 7) {
	case 0:
		join(client);
		break;
	case 1:
		leave(client);
		break;
	case 2:
		talk->now += 100u * fuzz_byte(in);
		break;
	case 3:
		receive(*client);
		break;
	case 4:
		if (talk->tickets)
			rngd_control_answer(control,
					    talk->ticket[--talk->tickets],
					    "late\n", 5);
		break;
	default:
		vrng_log_line(in, *client);
		break;
	}
	rngd_control_serve(control, talk->now);
	FUZZ_MUST(!rngd_control_due(control) ||
		  rngd_control_due(control) > talk->now);
}

/* After all have hung up and their time is over, no client is left. */
static void end(struct talk *talk)
{
	unsigned int i;

	for (i = 0; i < CLIENTS; i++)
		leave(&talk->client[i]);
	for (i = 0; i < 2 * CLIENTS; i++) { /* one is accepted at a time */
		talk->now += RNGD_CONTROL_TIMEOUT;
		rngd_control_serve(control, talk->now);
	}
	FUZZ_MUST(!rngd_control_due(control));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { .at = data, .left = size };
	static struct talk *current;
	static uint64_t now;
	struct talk talk = { .now = now };
	unsigned int i;

	for (i = 0; i < CLIENTS; i++)
		talk.client[i] = -1;
	current = &talk;
	open_server(&current);
	for (i = 0; i < STEPS && in.left; i++)
		step(&talk, &in);
	end(&talk);
	now = talk.now;
	current = NULL;
	return 0;
}
