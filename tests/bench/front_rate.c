// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * front_rate alone SIZE MS
 * front_rate SOCKET SIZE MS [PID]
 *
 * Measures how fast the device at SOCKET answers requests of SIZE bytes, with
 * at most 4 MiB of requests at a time, in MB/s and in bytes/s; or how fast
 * getrandom() alone is in this process. With the PID of the device, and alone,
 * also measures MB per second of its processor time.
 */
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/front.h"

#define NUM_MAX 256
#define WAIT_MS 10000
#define NS	1000000000ULL

static _Noreturn void die(const char *what, int err)
{
	fprintf(stderr, "front_rate: %s: %s\n", what, strerror(-err));
	exit(1);
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t))
		die("clock", -errno);
	return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
}

static void alone(size_t size, uint64_t ns)
{
	unsigned char *buf = malloc(size);
	uint64_t start = now_ns(CLOCK_MONOTONIC), bytes = 0, took;
	uint64_t cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);

	if (!buf)
		die("memory", -ENOMEM);
	do {
		for (int i = 0; i < 64; i++) {
			ssize_t n = getrandom(buf, size, 0);

			if (n < 0)
				die("getrandom", -errno);
			bytes += (uint64_t)n;
		}
		took = now_ns(CLOCK_MONOTONIC) - start;
	} while (took < ns);
	cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	free(buf);
	printf("rate=%.1f per_cpu=%.1f\n", (double)bytes * 1e3 / (double)took,
	       (double)bytes * 1e3 / (double)cpu);
}

static void attach(struct front *f, const char *path)
{
	int err = front_connect(f, path);

	if (err)
		die(path, err);
	err = front_start(f, FRONT_FEATURES | FRONT_EVENT_IDX);
	if (err)
		die("message", err);
}

static uint64_t buffer_of(uint16_t i, size_t size)
{
	return FRONT_GUEST1 + (uint64_t)i * size % FRONT_REGION;
}

/* Kick the device if it asked for a kick after index @before. */
static void kick(struct front *f, uint16_t before)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (vring_need_event(front_avail_event(f), f->offered, before))
		front_kick(f);
}

/* Sleep until half of the ring, and at least one request, is answered. */
static void wait_for_more(struct front *f)
{
	struct pollfd call = { .fd = f->call, .events = POLLIN };

	front_set_used_event(f, (uint16_t)(f->taken + f->num / 2 - 1));
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if ((uint16_t)(le16toh(front_used(f)->idx) - f->taken) >= f->num / 2)
		return;
	if (poll(&call, 1, WAIT_MS) != 1)
		die("no answer", -ETIMEDOUT);
	front_interrupts(f);
}

/* Take all answers and offer their buffers anew. Returns the bytes received. */
static uint64_t turn(struct front *f)
{
	uint16_t before = f->offered;
	uint64_t bytes = 0;
	uint32_t id, len;

	while (front_answer(f, &id, &len)) {
		bytes += len;
		front_offer(f, (uint16_t)id);
	}
	if (f->offered != before)
		kick(f, before);
	return bytes;
}

static void fill(struct front *f, size_t size)
{
	for (uint16_t i = 0; i < f->num; i++) {
		front_desc(f, i, buffer_of(i, size), (uint32_t)size,
			   VRING_DESC_F_WRITE, 0);
		front_offer(f, i);
	}
	front_kick(f);
}

static void through_device(const char *path, size_t size, uint64_t ns, int pid)
{
	uint64_t bytes = 0, start, took, cpu = 0;
	clockid_t clock = 0;
	struct front f;
	uint16_t num = NUM_MAX;

	while (num * size > 4 * FRONT_REGION)
		num /= 2;
	if (front_init(&f, num))
		die("memory", -ENOMEM);
	if (pid && clock_getcpuclockid(pid, &clock))
		die("processor clock", -ESRCH);
	attach(&f, path);
	fill(&f, size);
	wait_for_more(&f);
	turn(&f);
	if (pid)
		cpu = now_ns(clock);
	start = now_ns(CLOCK_MONOTONIC);
	do {
		wait_for_more(&f);
		bytes += turn(&f);
		took = now_ns(CLOCK_MONOTONIC) - start;
	} while (took < ns);
	if (pid)
		cpu = now_ns(clock) - cpu;
	printf("rate=%.1f bytes_per_s=%.1f", (double)bytes * 1e3 / (double)took,
	       (double)bytes * 1e9 / (double)took);
	if (cpu)
		printf(" per_cpu=%.1f", (double)bytes * 1e3 / (double)cpu);
	puts("");
	front_done(&f);
}

int main(int argc, char **argv)
{
	size_t size = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	uint64_t ms = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;

	if (!size || !ms || size > FRONT_REGION || argc > 5) {
		fputs("usage: front_rate alone|SOCKET SIZE MS [PID]\n", stderr);
		return 64;
	}
	if (!strcmp(argv[1], "alone"))
		alone(size, ms * 1000000);
	else
		through_device(argv[1], size, ms * 1000000,
			       argc > 4 ? atoi(argv[4]) : 0);
	return 0;
}
