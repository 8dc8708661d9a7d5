/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exponential back-off. */
#ifndef RNGD_BASE_BACKOFF_H
#define RNGD_BASE_BACKOFF_H

/*
 * @base * 2^@times, or @max if that is less. Cannot overflow if 2 * @max
 * cannot.
 */
static inline unsigned int vrng_doubled(unsigned int base, unsigned int times,
					unsigned int max)
{
	while (times-- && base < max)
		base *= 2;
	return base < max ? base : max;
}

#endif
