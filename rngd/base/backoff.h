/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waits that double. */
#ifndef RNGD_BASE_BACKOFF_H
#define RNGD_BASE_BACKOFF_H

/* @base doubled @times times, and at most @max. */
static inline unsigned int rngd_doubled(unsigned int base, unsigned int times,
					unsigned int max)
{
	while (times-- && base < max)
		base *= 2;
	return base < max ? base : max;
}

#endif
