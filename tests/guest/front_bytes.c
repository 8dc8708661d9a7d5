// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * front_bytes SOCKET: a front end with a guest of one request at a time. For each line of
 * input it asks the device at SOCKET for 16 bytes, and prints them.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/front.h"

#define BYTES	16
#define WAIT_MS 60000

static _Noreturn void die(const char *what, int err)
{
	fprintf(stderr, "front_bytes: %s: %s\n", what, strerror(-err));
	exit(1);
}

static void attach(struct front *f, const char *path)
{
	int err = front_connect(f, path);

	if (err)
		die(path, err);
	err = front_start(f, FRONT_FEATURES);
	if (err)
		die("message", err);
}

/* One request, of as many bytes as are missing. */
static uint32_t request(struct front *f, uint32_t size)
{
	struct pollfd call = { .fd = f->call, .events = POLLIN };
	uint32_t id, len;

	front_desc(f, 0, FRONT_BUF, size, VRING_DESC_F_WRITE, 0);
	front_offer(f, 0);
	front_kick(f);
	while (!front_answer(f, &id, &len)) {
		if (poll(&call, 1, WAIT_MS) != 1)
			die("no answer", -ETIMEDOUT);
		front_interrupts(f);
	}
	if (len > size)
		die("answer", -EPROTO);
	return len;
}

static void print_bytes(struct front *f)
{
	const unsigned char *byte = front_mem(f, FRONT_BUF);
	uint32_t size = BYTES, len, i;

	while (size) {
		len = request(f, size);
		for (i = 0; i < len; i++)
			printf("%02x", byte[i]);
		size -= len;
	}
	putchar('\n');
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct front f;
	char line[80];

	if (argc != 2) {
		fputs("usage: front_bytes SOCKET\n", stderr);
		return 64;
	}
	if (front_init(&f, 8))
		die("memory", -ENOMEM);
	attach(&f, argv[1]);
	while (fgets(line, sizeof(line), stdin))
		print_bytes(&f);
	front_done(&f);
	return 0;
}
