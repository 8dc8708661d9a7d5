// SPDX-License-Identifier: GPL-2.0-or-later
/* The engine for any processor: vectors of one 64-bit word. */
#include <endian.h>
#include <string.h>

#include "rngd/checks/fips_engines.h"

typedef uint64_t V;

#define SPREAD(word) (word)

static inline V load(const void *p)
{
	V v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline void store(void *p, V v)
{
	memcpy(p, &v, sizeof(v));
}

/* Counts the ones in each byte. */
static inline V count(V v)
{
	v -= v >> 1 & 0x5555555555555555ULL;
	v = (v & 0x3333333333333333ULL) + (v >> 2 & 0x3333333333333333ULL);
	return (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
}

static inline V widen(V sum)
{
	sum = (sum & 0x00ff00ff00ff00ffULL) +
	      (sum >> 8 & 0x00ff00ff00ff00ffULL);
	return sum * 0x0001000100010001ULL >> 48;
}

static inline uint64_t across(V v)
{
	return v;
}

static inline unsigned int nonzero(V v)
{
	return v != 0;
}

#include "rngd/checks/fips_body.h"

void vrng_fips_measure_portable(const uint8_t block[VRNG_FIPS_BLOCK_BYTES],
				struct vrng_fips_stats *stats)
{
	measure(block, stats);
}
