/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Minimum, mean and maximum rate of pieces of work. */
#ifndef RNGD_TESTER_SPEED_H
#define RNGD_TESTER_SPEED_H

#include <stddef.h>
#include <stdint.h>

/* All zeros at the start. Used by one thread at a time. */
struct vrng_speed {
	uint64_t bits; /* of all pieces */
	uint64_t ns; /* of all pieces */
	double least; /* bits a second, of the slowest piece */
	double most; /* bits a second, of the fastest piece */
};

/* Add a piece of work: @bits in @ns nanoseconds. */
void vrng_speed_add(struct vrng_speed *speed, uint64_t bits, uint64_t ns);

/* Bits a second over all pieces; 0 before the first piece. */
double vrng_speed_mean(const struct vrng_speed *speed);

/*
 * Format "NAME: (min=1.000; avg=2.000; max=3.000)Mibits/s". The unit is the
 * largest power of 1,024 of which the minimum is at least 1.
 */
void vrng_speed_line(const struct vrng_speed *speed, const char *name,
		     char *line, size_t size);

#endif
