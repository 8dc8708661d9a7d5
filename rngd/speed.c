// SPDX-License-Identifier: GPL-2.0-or-later
/* The slowest, mean and fastest of many pieces of work: see speed.h. */
#include <stdio.h>
#include <time.h>

#include "rngd/speed.h"

uint64_t vrng_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* No work takes no time: a clock too coarse to see it must not divide by 0. */
void vrng_speed_add(struct vrng_speed *speed, uint64_t ns)
{
	if (!ns)
		ns = 1;
	if (!speed->pieces || ns < speed->least)
		speed->least = ns;
	if (ns > speed->most)
		speed->most = ns;
	speed->sum += ns;
	speed->pieces++;
}

static double per_second(double bits, uint64_t ns)
{
	return ns ? 1e9 * bits / (double)ns : 0;
}

void vrng_speed_line(const struct vrng_speed *speed, const char *name,
		     unsigned int bits, char *line, size_t size)
{
	static const char *const units[] = { "", "Ki", "Mi", "Gi", "Ti" };
	double min = per_second(bits, speed->most);
	double max = per_second(bits, speed->least);
	double avg =
		per_second((double)bits * (double)speed->pieces, speed->sum);
	size_t unit = 0;

	/* The least of the three decides. */
	while (min >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		min /= 1024;
		avg /= 1024;
		max /= 1024;
		unit++;
	}
	snprintf(line, size, "%s: (min=%.3f; avg=%.3f; max=%.3f)%sbits/s", name,
		 min, avg, max, units[unit]);
}
