// SPDX-License-Identifier: GPL-2.0-or-later
#include <time.h>

#include "rngd/base/clock.h"

uint64_t vrng_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * VRNG_NS_PER_S + (uint64_t)ts.tv_nsec;
}
