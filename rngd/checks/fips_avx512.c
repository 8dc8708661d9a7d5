// SPDX-License-Identifier: GPL-2.0-or-later
/* The engine for x86-64 with AVX-512 and VPOPCNTDQ: vectors of eight words. */
#ifdef __AVX512VPOPCNTDQ__
#include <immintrin.h>

#include "rngd/checks/fips_engines.h"

typedef uint64_t V __attribute__((vector_size(64)));

#define SPREAD(word) ((V)_mm512_set1_epi64((long long)(word)))
/* Any function of three bits: @table has its value at bit 4 * a + 2 * b + c. */
#define TERNARY(a, b, c, table)                                   \
	((V)_mm512_ternarylogic_epi64((__m512i)(a), (__m512i)(b), \
				      (__m512i)(c), table))
#define SELECT(m, p, q)	      TERNARY(m, p, q, 0xca)
#define ADD_UNLESS(sum, a, b) TERNARY(sum, a, b, 0xf4)
#define AND_EITHER(all, a, b) TERNARY(all, a, b, 0xe0)

static inline V load(const void *p)
{
	return (V)_mm512_loadu_si512(p);
}

static inline void store(void *p, V v)
{
	_mm512_storeu_si512(p, (__m512i)v);
}

static inline V count(V v)
{
	return (V)_mm512_popcnt_epi64((__m512i)v);
}

static inline V widen(V sum)
{
	return sum;
}

static inline uint64_t across(V v)
{
	return (uint64_t)_mm512_reduce_add_epi64((__m512i)v);
}

static inline unsigned int nonzero(V v)
{
	return _mm512_test_epi64_mask((__m512i)v, (__m512i)v);
}

#include "rngd/checks/fips_body.h"

void vrng_fips_measure_avx512(const uint8_t block[VRNG_FIPS_BLOCK_BYTES],
			      struct vrng_fips_stats *stats)
{
	measure(block, stats);
}
#endif
