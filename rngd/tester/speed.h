/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The slowest, mean and fastest of many pieces of work. */
#ifndef RNGD_TESTER_SPEED_H
#define RNGD_TESTER_SPEED_H

#include <stddef.h>
#include <stdint.h>

/* All zero to begin with. */
struct vrng_speed {
	uint64_t bits;
	uint64_t ns;
	double least; /* bits a second, of a piece */
	double most;
};

/* One more piece of work: @bits in @ns. */
void vrng_speed_add(struct vrng_speed *speed, uint64_t bits, uint64_t ns);

/* Bits a second on the whole; 0 before the first piece. */
double vrng_speed_mean(const struct vrng_speed *speed);

/*
 * "NAME: (min=1.000; avg=2.000; max=3.000)Mibits/s"; the unit goes up by 1,024
 * as long as all three are at least that.
 */
void vrng_speed_line(const struct vrng_speed *speed, const char *name,
		     char *line, size_t size);

#endif
