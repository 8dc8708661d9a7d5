// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lag FILE COUNT REST-MS BYTES: measures how long a read takes after a pause.
 * Reads COUNT times, with a pause before each, and prints "lag_us=MEDIAN
 * lag_us_p90=MICROSECONDS lag_us_p99=MICROSECONDS lag_us_max=WORST n=COUNT".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 1000
#define BYTES_MAX 4096

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static void rest(long ms)
{
	const struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int measure(int fd, double *took, int count, long ms, size_t bytes)
{
	char block[BYTES_MAX];
	double start;
	ssize_t got;
	int i;

	for (i = 0; i < count; i++) {
		rest(ms);
		start = now_us();
		got = read(fd, block, bytes);
		took[i] = now_us() - start;
		if (got != (ssize_t)bytes)
			return got < 0 ? -errno : -ENODATA;
	}
	return 0;
}

/* The percentile of @count sorted values, by the nearest-rank method. */
static double percentile(const double *took, int count, int percent)
{
	return took[(count * percent + 99) / 100 - 1];
}

int main(int argc, char **argv)
{
	const int count = argc > 2 ? atoi(argv[2]) : 0;
	const long ms = argc > 3 ? atol(argv[3]) : -1;
	const long bytes = argc > 4 ? atol(argv[4]) : 0;
	double took[COUNT_MAX];
	int fd, err;

	if (count < 1 || count > COUNT_MAX || ms < 0 || bytes < 1 ||
	    bytes > BYTES_MAX) {
		fprintf(stderr, "usage: lag FILE COUNT REST-MS BYTES\n");
		return 64;
	}
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "lag: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	err = measure(fd, took, count, ms, (size_t)bytes);
	close(fd);
	if (err) {
		fprintf(stderr, "lag: %s: %s\n", argv[1], strerror(-err));
		return 1;
	}
	qsort(took, (size_t)count, sizeof(*took), compare);
	printf("lag_us=%.0f lag_us_p90=%.0f lag_us_p99=%.0f lag_us_max=%.0f n=%d\n",
	       took[count / 2], percentile(took, count, 90),
	       percentile(took, count, 99), took[count - 1], count);
	return 0;
}
