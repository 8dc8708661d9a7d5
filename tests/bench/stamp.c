// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stamp: copies lines from stdin to stdout, each with the time of its first byte
 * before it: microseconds of CLOCK_REALTIME, the clock of QEMU's events. It runs at
 * real-time priority where that is allowed, so that busy guests do not delay it.
 */
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

int main(void)
{
	const struct sched_param param = { .sched_priority = 1 };
	bool is_start = true;
	char text[4096];
	uint64_t now;
	ssize_t got, i;

	(void)sched_setscheduler(0, SCHED_FIFO, &param);
	while ((got = read(STDIN_FILENO, text, sizeof(text))) > 0) {
		now = now_us();
		for (i = 0; i < got; i++) {
			if (is_start)
				printf("%" PRIu64 " ", now);
			putchar(text[i]);
			is_start = text[i] == '\n';
		}
		fflush(stdout);
	}
	return got < 0;
}
