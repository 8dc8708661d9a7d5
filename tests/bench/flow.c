// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flow FILE SECONDS STEP_MS: records how bytes arrive over time. Reads as fast
 * as possible and prints "flow=SECONDS:BYTES", the bytes so far, at most every
 * STEP_MS, and before and after each gap that is longer.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 16384

struct sample {
	double at; /* seconds since the start */
	uint64_t bytes;
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void print(const struct sample *s)
{
	printf("flow=%.3f:%llu\n", s->at, (unsigned long long)s->bytes);
}

static int run(int fd, double seconds, double step)
{
	const double start = now();
	struct sample printed = { 0 }, last = { 0 }, new = { 0 };
	static char block[BLOCK];

	print(&new);
	while (new.at < seconds) {
		ssize_t got = read(fd, block, sizeof(block));

		if (got <= 0)
			return got ? -errno : -ENODATA;
		last = new;
		new.at = now() - start;
		new.bytes += (uint64_t)got;
		if (new.at - printed.at < step)
			continue;
		if (last.at > printed.at)
			print(&last);
		print(&new);
		printed = new;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const double seconds = argc > 2 ? strtod(argv[2], NULL) : 0;
	const double step = argc > 3 ? strtod(argv[3], NULL) / 1e3 : 0;
	int err, fd;

	if (seconds <= 0 || step <= 0) {
		fputs("usage: flow FILE SECONDS STEP_MS\n", stderr);
		return 64;
	}
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	err = fd < 0 ? -errno : run(fd, seconds, step);
	if (err)
		fprintf(stderr, "flow: %s: %s\n", argv[1], strerror(-err));
	if (fd >= 0)
		close(fd);
	return err ? 1 : 0;
}
