// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * first MODULE: measures the time from the load of a driver to the first random
 * byte. Loads MODULE, reads one byte of /dev/hwrng, and prints
 * "load_us=N first_us=N": the time until the load returned, and until the byte
 * was read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TRIES 10000

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int load(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, "", 0))
		err = -errno;
	close(fd);
	return err;
}

/* Retries: the core selects the device shortly after its registration. */
static int read_byte(void)
{
	const int fd = open("/dev/hwrng", O_RDONLY | O_CLOEXEC);
	int tries = TRIES;
	ssize_t got;
	char byte;

	if (fd < 0)
		return -errno;
	do {
		got = read(fd, &byte, 1);
	} while (got != 1 && --tries);
	close(fd);
	return got == 1 ? 0 : -ENODATA;
}

int main(int argc, char **argv)
{
	double start, loaded;
	int err;

	if (argc != 2) {
		fprintf(stderr, "usage: first MODULE\n");
		return 64;
	}
	start = now_us();
	err = load(argv[1]);
	loaded = now_us();
	if (!err)
		err = read_byte();
	if (err) {
		fprintf(stderr, "first: %s: %s\n", argv[1], strerror(-err));
		return 1;
	}
	printf("load_us=%.0f first_us=%.0f\n", loaded - start,
	       now_us() - start);
	return 0;
}
