/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scans of the health tests over samples of 8 bits: see health.h. */
#ifndef VRNG_HEALTH_BYTES_H
#define VRNG_HEALTH_BYTES_H

#include "vrng/health_types.h"

#ifndef __KERNEL__
/*
 * The kernel may not use vector registers here. VRNG_HEALTH_WORDS selects the
 * kernel's code in userspace, for tests.
 */
#if defined(__SSE2__) && !defined(VRNG_HEALTH_WORDS)
#define VRNG_HEALTH_SSE2
#include <emmintrin.h>
#endif
#endif

static inline uint64_t vrng_health_load(const uint8_t *data)
{
	uint64_t word;

	memcpy(&word, data, sizeof(word));
	return word;
}

/* Returns whether the four bytes at @data are equal. */
static inline bool vrng_health_is_uniform(const uint8_t *data)
{
	uint32_t group;

	memcpy(&group, data, sizeof(group));
	return group == (group << 8 | group >> 24);
}

/* Returns the length of the run of @value that begins at @data. */
static inline size_t vrng_health_run(const uint8_t *data, size_t len,
				     uint8_t value)
{
	size_t n = 0;

	while (n < len && data[n] == value)
		n++;
	return n;
}

/* Returns the length of the run that ends at @at - 1, back to @from at most. */
static inline size_t vrng_health_run_back(const uint8_t *data, size_t from,
					  size_t at)
{
	size_t n = 0;

	while (at - n > from && data[at - n - 1] == data[at - 1])
		n++;
	return n;
}

/*
 * Find the next place from @at on that may lie in a run of @cutoff bytes: a
 * group of four equal bytes, or a pair if @cutoff is below 4. Groups are read
 * in steps of @cutoff - 3 bytes, so that each run of @cutoff bytes covers one
 * of them. Returns @len if there is none.
 */
VRNG_HEALTH_INLINE size_t vrng_health_uniform(const uint8_t *data, size_t at,
					      size_t len, uint32_t cutoff)
{
	const size_t step = cutoff - 3;

	if (cutoff < 4) {
		for (; at + 2 <= len; at++)
			if (data[at] == data[at + 1])
				return at;
		return len;
	}
	for (; at < len && len - at >= 3 * step + 4; at += 4 * step)
		if (vrng_health_is_uniform(data + at) ||
		    vrng_health_is_uniform(data + at + step) ||
		    vrng_health_is_uniform(data + at + 2 * step) ||
		    vrng_health_is_uniform(data + at + 3 * step))
			break;
	for (; at + 4 <= len; at += step)
		if (vrng_health_is_uniform(data + at))
			return at;
	return len;
}

/*
 * Repetition count test on @len bytes, at least one. Returns the index of the
 * byte that completes a run of @cutoff, or @len if there is none. The state is
 * carried on only in the latter case.
 */
VRNG_HEALTH_INLINE size_t vrng_health_rct(struct vrng_health *health,
					  uint32_t cutoff, const uint8_t *data,
					  size_t len)
{
	size_t at = 0, from, run, most;

	if (health->run && data[0] == health->last) {
		most = cutoff - health->run;
		at = vrng_health_run(data, len < most ? len : most,
				     health->last);
		if (at == most)
			return at - 1;
		health->run += (uint32_t)at;
		if (at == len)
			return len;
	}
	from = at; /* any other run begins here or later */
	while ((at = vrng_health_uniform(data, at, len, cutoff)) < len) {
		at -= vrng_health_run_back(data, from, at + 1) - 1;
		most = len - at < cutoff ? len - at : cutoff;
		run = vrng_health_run(data + at, most, data[at]);
		if (run == cutoff)
			return at + cutoff - 1;
		at += run;
	}
	health->last = data[len - 1];
	health->run = (uint32_t)vrng_health_run_back(data, from, len);
	return len;
}

#ifdef VRNG_HEALTH_SSE2
#define VRNG_HEALTH_PIECE 64u

/* Returns how many of VRNG_HEALTH_PIECE bytes at @data differ from @value. */
static inline uint32_t vrng_health_differing(const uint8_t *data, uint8_t value)
{
	const __m128i values = _mm_set1_epi8((char)value);
	__m128i same = _mm_setzero_si128();
	size_t i;

	for (i = 0; i < VRNG_HEALTH_PIECE; i += sizeof(same))
		same = _mm_sub_epi8(
			same, _mm_cmpeq_epi8(
				      _mm_loadu_si128((const void *)(data + i)),
				      values));
	same = _mm_sad_epu8(same, _mm_setzero_si128());
	return VRNG_HEALTH_PIECE - (uint32_t)_mm_cvtsi128_si32(same) -
	       (uint32_t)_mm_extract_epi16(same, 4);
}
#else
#define VRNG_HEALTH_PIECE 32u

/* The top bit of some byte is set if, and only if, a byte of @word is zero. */
static inline uint64_t vrng_health_has_zero(uint64_t word)
{
	return (word - 0x0101010101010101ull) & ~word;
}

/* Returns how many of the eight bytes of @word are zero. */
static inline uint32_t vrng_health_count_zeros(uint64_t word)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7full;
	const uint64_t ones = 0x0101010101010101ull;
	const uint64_t zero = ~(((word & low) + low) | word | low);

	return (uint32_t)((zero >> 7) * ones >> 56);
}

static inline uint32_t vrng_health_differing(const uint8_t *data, uint8_t value)
{
	const uint64_t pattern = value * 0x0101010101010101ull;
	const uint64_t a = vrng_health_load(data) ^ pattern;
	const uint64_t b = vrng_health_load(data + 8) ^ pattern;
	const uint64_t c = vrng_health_load(data + 16) ^ pattern;
	const uint64_t d = vrng_health_load(data + 24) ^ pattern;
	const uint64_t zeros =
		vrng_health_has_zero(a) | vrng_health_has_zero(b) |
		vrng_health_has_zero(c) | vrng_health_has_zero(d);

	if (!(zeros & 0x8080808080808080ull))
		return VRNG_HEALTH_PIECE;
	return VRNG_HEALTH_PIECE - vrng_health_count_zeros(a) -
	       vrng_health_count_zeros(b) - vrng_health_count_zeros(c) -
	       vrng_health_count_zeros(d);
}
#endif

/*
 * Continue the current window with @len bytes, which must not exceed it. The
 * window stops being counted once more than @spare of its samples differ from
 * the first: it cannot fail any more.
 */
VRNG_HEALTH_INLINE void vrng_health_count(struct vrng_health *health,
					  uint32_t spare, const uint8_t *data,
					  uint32_t len)
{
	const uint8_t first = health->first;
	uint32_t other = health->seen - health->same;
	uint32_t at = 0;

	health->seen += len;
	for (; at + VRNG_HEALTH_PIECE <= len && other <= spare;
	     at += VRNG_HEALTH_PIECE)
		other += vrng_health_differing(data + at, first);
	for (; at < len && other <= spare; at++)
		other += data[at] != first;
	/*
	 * A window that was given up is counted as if none of its samples were
	 * equal, so that later calls give it up at once.
	 */
	health->same = other <= spare ? health->seen - other : 0;
}

/*
 * Adaptive proportion test on @len bytes. Returns 0 if it passes, or else the
 * end of the piece of one window in which it fails. The caller finds the exact
 * sample with vrng_health_find_back(), if it is needed: to track it here would
 * take registers from the loop.
 */
VRNG_HEALTH_INLINE size_t vrng_health_apt(
	struct vrng_health *health, const struct vrng_health_limits *limits,
	const uint8_t *data, size_t len)
{
	const uint32_t spare = limits->apt <= limits->window ?
				       limits->window - limits->apt :
				       0;
	uint32_t piece;
	size_t at = 0;

	while (at < len) {
		if (!health->seen)
			health->first = data[at];
		piece = limits->window - health->seen;
		if (piece > len - at)
			piece = (uint32_t)(len - at);
		vrng_health_count(health, spare, data + at, piece);
		at += piece;
		if (health->same >= limits->apt)
			return at;
		if (health->seen == limits->window) {
			health->seen = 0;
			health->same = 0;
		}
	}
	return 0;
}

/* Returns the last place of @value before @end, skipping @n. It must exist. */
static inline size_t vrng_health_find_back(const uint8_t *data, size_t end,
					   uint8_t value, uint32_t n)
{
	while (data[end - 1] != value || n--)
		end--;
	return end - 1;
}

#endif
