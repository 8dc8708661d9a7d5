// SPDX-License-Identifier: GPL-2.0-or-later
/* The engine for 64-bit Arm with NEON: vectors of two words. */
#ifdef __aarch64__
#include <arm_neon.h>

#include "rngd/checks/fips_engines.h"

typedef uint64x2_t V;

#define SPREAD(word)	vdupq_n_u64(word)
#define SELECT(m, p, q) vbslq_u64(m, p, q)

static inline V load(const void *p)
{
	return vreinterpretq_u64_u8(vld1q_u8(p));
}

static inline void store(void *p, V v)
{
	vst1q_u8(p, vreinterpretq_u8_u64(v));
}

/* Counts the ones in each byte. */
static inline V count(V v)
{
	return vreinterpretq_u64_u8(vcntq_u8(vreinterpretq_u8_u64(v)));
}

static inline V widen(V sum)
{
	return vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(vreinterpretq_u8_u64(sum))));
}

static inline uint64_t across(V v)
{
	return vaddvq_u64(v);
}

static inline unsigned int nonzero(V v)
{
	return (v[0] ? 1u : 0u) | (v[1] ? 2u : 0u);
}

#include "rngd/checks/fips_body.h"

void vrng_fips_measure_neon(const uint8_t block[VRNG_FIPS_BLOCK_BYTES],
			    struct vrng_fips_stats *stats)
{
	measure(block, stats);
}
#endif
