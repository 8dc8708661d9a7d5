// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rate FILE BYTES [BLOCK-SIZE]: reads BYTES and prints the throughput, as
 * "BYTES bytes, SECONDS s, N MB/s".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int drain(int fd, char *block, size_t size, size_t total)
{
	size_t done = 0;
	ssize_t got;

	while (done < total) {
		got = read(fd, block,
			   total - done < size ? total - done : size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -ENODATA;
		done += (size_t)got;
	}
	return 0;
}

static int die(const char *path, int err)
{
	fprintf(stderr, "rate: %s: %s\n", path, strerror(-err));
	return 1;
}

static int measure(const char *path, char *block, size_t size, size_t total)
{
	double start, took;
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return die(path, -errno);
	start = now();
	err = drain(fd, block, size, total);
	took = now() - start;
	close(fd);
	if (err)
		return die(path, err);
	printf("%zu bytes, %.3f s, %.2f MB/s\n", total, took,
	       (double)total / took / 1e6);
	return 0;
}

int main(int argc, char **argv)
{
	const size_t total = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	const size_t size = argc > 3 ? strtoul(argv[3], NULL, 10) : 65536;
	char *block;
	int status;

	if (!total || !size) {
		fprintf(stderr, "usage: rate FILE BYTES [BLOCK-SIZE]\n");
		return 64;
	}
	block = malloc(size);
	if (!block)
		return die("memory", -errno);
	status = measure(argv[1], block, size, total);
	free(block);
	return status;
}
