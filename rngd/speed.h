/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The slowest, mean and fastest of many equal pieces of work. */
#ifndef VRNG_SPEED_H
#define VRNG_SPEED_H

#include <stddef.h>
#include <stdint.h>

/* Times in nanoseconds; all zero to begin with. */
struct vrng_speed {
	uint64_t pieces;
	uint64_t sum;
	uint64_t least;
	uint64_t most;
};

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t vrng_now(void);

/* One more piece of work, that took @ns. */
void vrng_speed_add(struct vrng_speed *speed, uint64_t ns);

/*
 * "NAME: (min=1.000; avg=2.000; max=3.000)Mibits/s" for pieces of @bits; the
 * unit goes up by 1,024 as long as all three are at least that.
 */
void vrng_speed_line(const struct vrng_speed *speed, const char *name,
		     unsigned int bits, char *line, size_t size);

#endif
