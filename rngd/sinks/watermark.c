// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel pool's watermark: see watermark.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "rngd/sinks/watermark.h"

#define POOLSIZE "/proc/sys/kernel/random/poolsize"

/* Bits. Pools that use the mark have 4,096; since 5.18 the size reads 256. */
#define POOLSIZE_MIN 1024

static int read_number(const struct vrng_opener *opener, const char *path)
{
	char text[16] = "";
	int fd = vrng_open(opener, path, O_RDONLY | O_CLOEXEC, 0);
	ssize_t got;

	if (fd < 0)
		return fd;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	return got > 0 ? atoi(text) : -EIO;
}

static int write_number(const struct vrng_opener *opener, const char *path,
			unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u\n", n);
	int fd = vrng_open(opener, path, O_WRONLY | O_CLOEXEC, 0);
	ssize_t put;
	int ret = 0;

	if (fd < 0)
		return fd;
	put = write(fd, text, (size_t)len);
	if (put != len)
		ret = put < 0 ? -errno : -EIO;
	close(fd);
	return ret;
}

bool vrng_watermark_is_used(const struct vrng_opener *opener)
{
	return read_number(opener, POOLSIZE) >= POOLSIZE_MIN;
}

int vrng_watermark_set(const struct vrng_opener *opener, unsigned int n,
		       bool percent)
{
	const int pool = read_number(opener, POOLSIZE);

	if (pool < POOLSIZE_MIN)
		return -EOPNOTSUPP;
	if (!n)
		return 0;
	return write_number(opener, VRNG_WATERMARK_PATH,
			    percent ? (unsigned int)pool * n / 100 : n);
}
