/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The time that only goes forward: CLOCK_MONOTONIC. */
#ifndef RNGD_BASE_CLOCK_H
#define RNGD_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* In nanoseconds. */
static inline uint64_t vrng_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static inline uint64_t vrng_now_ms(void)
{
	return vrng_now() / 1000000;
}

#endif
