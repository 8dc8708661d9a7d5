// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine for x86-64 with AVX-512 that counts bits (VPOPCNTDQ) and shifts
 * words into one another (VBMI2): vectors of eight words.
 */
#if defined(__AVX512VPOPCNTDQ__) && defined(__AVX512VBMI2__)
#include <immintrin.h>

#include "rngd/checks/fips_engines.h"

#define LANES 8
#define ROUND 40 /* sums are of words: there is no limit */

typedef uint64_t V __attribute__((vector_size(64)));

#define SPREAD(word) ((V)_mm512_set1_epi64((long long)(word)))
#define FUNNEL(v, next, k) \
	((V)_mm512_shldi_epi64((__m512i)(v), (__m512i)(next), k))
/* The table of m ? p : q, bit 4 * m + 2 * p + q. */
#define SELECT(m, p, q)                                           \
	((V)_mm512_ternarylogic_epi64((__m512i)(m), (__m512i)(p), \
				      (__m512i)(q), 0xca))

static inline V load(const void *p)
{
	return (V)_mm512_loadu_si512(p);
}

static inline void store(void *p, V v)
{
	_mm512_storeu_si512(p, (__m512i)v);
}

static inline V from_big_endian(V v)
{
	const __m512i order = _mm512_broadcast_i32x4(_mm_setr_epi8(
		7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8));

	return (V)_mm512_shuffle_epi8((__m512i)v, order);
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

static inline unsigned int equal_halves(V v, V w)
{
	__mmask16 equal = _mm512_cmpeq_epi32_mask((__m512i)v, (__m512i)w);

	return equal ? (unsigned int)__builtin_popcount(equal) : 0;
}

#include "rngd/checks/fips_body.h"

void vrng_fips_measure_avx512(const uint8_t block[VRNG_FIPS_BLOCK_BYTES],
			      struct vrng_fips_stats *stats)
{
	measure(block, stats);
}
#endif
