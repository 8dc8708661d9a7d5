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

/* A timeout for poll(2) in ms: from @now until @due, both in ms. */
static inline int vrng_timeout_ms(uint64_t due, uint64_t now)
{
	const uint64_t ms = due > now ? due - now : 0;

	return ms < INT32_MAX ? (int)ms : INT32_MAX;
}

/* The same of times in ns, rounded up: the wait does not end before @due. */
static inline int vrng_timeout_ns(uint64_t due, uint64_t now)
{
	const uint64_t ns = due > now ? due - now : 0;

	return vrng_timeout_ms(ns / VRNG_NS_PER_MS + (ns % VRNG_NS_PER_MS != 0),
			       0);
}

#endif
