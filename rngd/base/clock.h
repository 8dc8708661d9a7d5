/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CLOCK_MONOTONIC: time that is never set back. Any thread may ask. */
#ifndef RNGD_BASE_CLOCK_H
#define RNGD_BASE_CLOCK_H

#include <stdint.h>

#define VRNG_NS_PER_MS 1000000ULL
#define VRNG_NS_PER_S  1000000000ULL

/* In nanoseconds. Not inline: a test puts a clock of its own in its place. */
uint64_t vrng_now(void);

/* In milliseconds. */
static inline uint64_t vrng_now_ms(void)
{
	return vrng_now() / VRNG_NS_PER_MS;
}

#endif
