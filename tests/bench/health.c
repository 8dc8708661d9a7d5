// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Measures the continuous health tests of include/vrng/health.h on good bytes
 * in memory, and code of SP 800-90B, 4.4, that takes one sample after the
 * other. Prints GB/s of the best of five rounds, and the ratio.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "vrng/health.h"

#define SIZE   ((size_t)1 << 20) /* stays in the cache */
#define ROUNDS 5

static const struct {
	unsigned int width;
	double h;
	double exponent;
} settings[] = {
	{ 8, 8, 30 },	{ 8, 4, 30 }, { 8, 1, 30 },
	{ 8, 0.5, 30 }, { 1, 1, 30 }, { 1, 0.5, 30 },
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* xorshift64* */
static void fill(uint8_t *data)
{
	uint64_t seed = 1;
	size_t i;

	for (i = 0; i < SIZE; i++) {
		seed ^= seed >> 12;
		seed ^= seed << 25;
		seed ^= seed >> 27;
		data[i] = (uint8_t)((seed * 0x2545f4914f6cdd1dULL) >> 56);
	}
}

static size_t samples_in(const struct vrng_health_limits *limits)
{
	return limits->width == 1 ? SIZE * 8 : SIZE;
}

/* Each of these returns how often the data failed. */
static unsigned int ours(const struct vrng_health_limits *limits,
			 const uint8_t *data)
{
	struct vrng_health health = { 0 };

	return !vrng_health_pass_limits(&health, limits, data,
					samples_in(limits));
}

/* The function that the kernel calls, with constant limits. */
static unsigned int known(const struct vrng_health_limits *limits,
			  const uint8_t *data)
{
	struct vrng_health health = { 0 };

	(void)limits;
	return !vrng_health_pass(&health, data, SIZE);
}

static unsigned int plain(const struct vrng_health_limits *limits,
			  const uint8_t *data)
{
	const size_t count = samples_in(limits);
	uint32_t run = 0, same = 0, seen = 0, failed = 0;
	unsigned int last = 0, first = 0, x;
	size_t i;

	for (i = 0; i < count; i++) {
		x = limits->width == 1 ? vrng_health_bit(data, i) : data[i];
		run = run && x == last ? run + 1 : 1;
		last = x;
		if (!seen) {
			first = x;
			same = 0;
		}
		same += x == first;
		seen = seen + 1 == limits->window ? 0 : seen + 1;
		failed += run >= limits->rct || same >= limits->apt;
	}
	return failed;
}

static double rate(unsigned int (*test)(const struct vrng_health_limits *,
					const uint8_t *),
		   const struct vrng_health_limits *limits, const uint8_t *data,
		   unsigned int times)
{
	double best = 0, since, speed;
	unsigned int i, j, failed = 0;

	for (i = 0; i < ROUNDS; i++) {
		since = now();
		for (j = 0; j < times; j++)
			failed += test(limits, data);
		speed = (double)SIZE * times / (now() - since) / 1e9;
		if (speed > best)
			best = speed;
	}
	if (failed)
		fprintf(stderr, "health: good data failed %u times\n", failed);
	return best;
}

static void row(const char *name, double speed, double slow)
{
	printf("%-34s %8.2f %8.2f %7.1fx\n", name, speed, slow, speed / slow);
}

int main(void)
{
	struct vrng_health_limits limits;
	uint8_t *data = malloc(SIZE);
	char name[64];
	double slow;
	size_t i;

	if (!data) {
		fprintf(stderr, "health: no memory; free some\n");
		return 1;
	}
	fill(data);
	printf("%-34s %8s %8s\n", "GB/s", "ours", "plain");
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		vrng_health_limits_find(&limits, settings[i].width,
					settings[i].h, settings[i].exponent);
		slow = rate(plain, &limits, data,
			    settings[i].width == 1 ? 5 : 40);
		snprintf(name, sizeof(name), "%u bit%s, H %g: %u, %u of %u",
			 limits.width, limits.width == 1 ? "" : "s",
			 settings[i].h, limits.rct, limits.apt, limits.window);
		row(name, rate(ours, &limits, data, 200), slow);
		if (limits.rct == VRNG_RCT_CUTOFF && limits.width == 8)
			row("the same, known to the compiler",
			    rate(known, &limits, data, 200), slow);
	}
	free(data);
	return 0;
}
