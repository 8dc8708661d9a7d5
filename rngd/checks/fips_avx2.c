// SPDX-License-Identifier: GPL-2.0-or-later
/* The engine for x86-64 with AVX2: vectors of four words. */
#ifdef __AVX2__
#include <immintrin.h>

#include "rngd/checks/fips_engines.h"

typedef uint64_t V __attribute__((vector_size(32)));

#define SPREAD(word) ((V)_mm256_set1_epi64x((long long)(word)))

static inline V load(const void *p)
{
	return (V)_mm256_loadu_si256(p);
}

static inline void store(void *p, V v)
{
	_mm256_storeu_si256(p, (__m256i)v);
}

/* Counts the ones in each byte, by a table for half a byte. */
static inline V count(V v)
{
	const __m256i table = _mm256_broadcastsi128_si256(
		_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
	const __m256i low = _mm256_set1_epi8(15);
	const __m256i a = _mm256_and_si256((__m256i)v, low);
	const __m256i b = _mm256_and_si256((__m256i)(v >> 4), low);

	return (V)_mm256_add_epi8(_mm256_shuffle_epi8(table, a),
				  _mm256_shuffle_epi8(table, b));
}

static inline V widen(V sum)
{
	return (V)_mm256_sad_epu8((__m256i)sum, _mm256_setzero_si256());
}

static inline uint64_t across(V v)
{
	return v[0] + v[1] + v[2] + v[3];
}

static inline unsigned int nonzero(V v)
{
	const __m256i zero =
		_mm256_cmpeq_epi64((__m256i)v, _mm256_setzero_si256());

	return (unsigned int)_mm256_movemask_pd((__m256d)zero) ^ 15;
}

#include "rngd/checks/fips_body.h"

void vrng_fips_measure_avx2(const uint8_t block[VRNG_FIPS_BLOCK_BYTES],
			    struct vrng_fips_stats *stats)
{
	measure(block, stats);
}
#endif
