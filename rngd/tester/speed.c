// SPDX-License-Identifier: GPL-2.0-or-later
/* Minimum, mean and maximum rate of pieces of work: see speed.h. */
#include <stdio.h>

#include "rngd/base/array.h"
#include "rngd/tester/speed.h"

static double per_second(uint64_t bits, uint64_t ns)
{
	return ns ? 1e9 * (double)bits / (double)ns : 0;
}

/*
 * A coarse clock may measure 0 ns: count 1 instead, to avoid a division by 0.
 */
void vrng_speed_add(struct vrng_speed *speed, uint64_t bits, uint64_t ns)
{
	double rate;

	if (!ns)
		ns = 1;
	rate = per_second(bits, ns);
	if (!speed->ns || rate < speed->least)
		speed->least = rate;
	if (rate > speed->most)
		speed->most = rate;
	speed->bits += bits;
	speed->ns += ns;
}

double vrng_speed_mean(const struct vrng_speed *speed)
{
	return per_second(speed->bits, speed->ns);
}

void vrng_speed_line(const struct vrng_speed *speed, const char *name,
		     char *line, size_t size)
{
	static const char *const units[] = { "", "Ki", "Mi", "Gi", "Ti" };
	double min = speed->least;
	double max = speed->most;
	double avg = vrng_speed_mean(speed);
	size_t unit = 0;

	/* The unit depends on the minimum. */
	while (min >= 1024 && unit + 1 < VRNG_LENGTH(units)) {
		min /= 1024;
		avg /= 1024;
		max /= 1024;
		unit++;
	}
	snprintf(line, size, "%s: (min=%.3f; avg=%.3f; max=%.3f)%sbits/s", name,
		 min, avg, max, units[unit]);
}
