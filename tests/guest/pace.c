// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pace FILE SECONDS: measures the rate at which bytes arrive. Prints
 * "pace=BYTES-A-SECOND", the slope of a least-squares line through (time, bytes so
 * far). A source that gives a portion each second makes stairs; a plain quotient
 * of bytes and time would depend on where in a step it begins and ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct line {
	double n, x, y, xx, xy;
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void line_add(struct line *line, double x, double y)
{
	line->n++;
	line->x += x;
	line->y += y;
	line->xx += x * x;
	line->xy += x * y;
}

static double line_slope(const struct line *line)
{
	return (line->n * line->xy - line->x * line->y) /
	       (line->n * line->xx - line->x * line->x);
}

int main(int argc, char **argv)
{
	const double seconds = argc > 2 ? strtod(argv[2], NULL) : 0;
	struct line line = { 0 };
	double start, bytes = 0;
	char block[64];
	ssize_t got;
	int fd;

	if (seconds <= 0) {
		fprintf(stderr, "usage: pace FILE SECONDS\n");
		return 64;
	}
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "pace: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	start = now();
	while (now() - start < seconds) {
		got = read(fd, block, sizeof(block));
		if (got <= 0) {
			fprintf(stderr, "pace: %s: %s\n", argv[1],
				got ? strerror(errno) : "end of file");
			return 1;
		}
		bytes += (double)got;
		line_add(&line, now() - start, bytes);
	}
	printf("pace=%.0f\n", line_slope(&line));
	close(fd);
	return 0;
}
