/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scans of the health tests over samples of 1 bit: see health.h.
 *
 * Bits are taken from each byte most significant first, and numbered from the
 * first bit of @data.
 */
#ifndef VRNG_HEALTH_BITS_H
#define VRNG_HEALTH_BITS_H

#include "vrng/health_types.h"

/* Returns 64 bits from @at on, the first one most significant. */
static inline uint64_t vrng_health_bits(const uint8_t *data, size_t at)
{
	const unsigned int shift = at % 8;
	const uint8_t *p = data + at / 8;
	uint64_t word = (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 |
			(uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 |
			(uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
			(uint64_t)p[6] << 8 | p[7];

	return shift ? word << shift | p[8] >> (8 - shift) : word;
}

static inline unsigned int vrng_health_bit(const uint8_t *data, size_t at)
{
	return data[at / 8] >> (7 - at % 8) & 1;
}

static inline uint32_t vrng_health_ones(uint64_t word)
{
	word -= word >> 1 & 0x5555555555555555ull;
	word = (word & 0x3333333333333333ull) +
	       (word >> 2 & 0x3333333333333333ull);
	word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0full;
	return (uint32_t)(word * 0x0101010101010101ull >> 56);
}

/* Returns whether @word has at least @want ones in a row. */
static inline bool vrng_health_has_ones(uint64_t word, uint32_t want)
{
	uint32_t have = 1, by;

	if (want > 64)
		return false;
	if (want >= 16) {
		/* Good bits have no such run: four steps without branches. */
		word &= word << 1;
		word &= word << 2;
		word &= word << 4;
		word &= word << 8;
		have = 16;
	}
	for (; have < want && word; have += by) {
		by = have < want - have ? have : want - have;
		word &= word << by;
	}
	return word;
}

/* As vrng_health_rct(), bit by bit from @at to @end - 1. */
static inline size_t vrng_health_rct_each(struct vrng_health *health,
					  uint32_t cutoff, const uint8_t *data,
					  size_t at, size_t end)
{
	unsigned int bit;

	for (; at < end; at++) {
		bit = vrng_health_bit(data, at);
		if (!health->run || bit != health->last)
			health->run = 0;
		health->last = (uint8_t)bit;
		if (++health->run >= cutoff)
			return at;
	}
	return end;
}

/*
 * As vrng_health_rct(), 64 bits at a time. A bit of the variable change is set
 * where a sample differs from the one before it, and for the first sample of
 * all. The last set bit is where the run begins that goes on in the next word.
 * Words in which a run may fail are tested again bit by bit.
 */
static inline size_t vrng_health_rct_bits(struct vrng_health *health,
					  uint32_t cutoff, const uint8_t *data,
					  size_t at, size_t end)
{
	uint64_t word, change;
	size_t ret;

	for (; end - at >= 64; at += 64) {
		word = vrng_health_bits(data, at);
		change = word ^ (word >> 1 | (uint64_t)health->last << 63);
		if (!health->run)
			change |= 1ull << 63;
		if (!change ||
		    health->run + (uint32_t)__builtin_clzll(change) >= cutoff ||
		    vrng_health_has_ones(~change, cutoff - 1)) {
			ret = vrng_health_rct_each(health, cutoff, data, at,
						   at + 64);
			if (ret < at + 64)
				return ret;
			continue;
		}
		health->run = (uint32_t)__builtin_ctzll(change) + 1;
		health->last = word & 1;
	}
	return vrng_health_rct_each(health, cutoff, data, at, end);
}

/*
 * Adaptive proportion test within one window, bit by bit. Returns the index of
 * the sample at which it fails, or @end.
 */
static inline size_t
vrng_health_apt_each(struct vrng_health *health,
		     const struct vrng_health_limits *limits,
		     const uint8_t *data, size_t at, size_t end)
{
	for (; at < end; at++) {
		health->seen++;
		health->same += vrng_health_bit(data, at) == health->first;
		if (health->same >= limits->apt)
			return at;
	}
	return end;
}

/* The same across windows, 64 bits at a time while no failure is possible. */
static inline size_t
vrng_health_apt_bits(struct vrng_health *health,
		     const struct vrng_health_limits *limits,
		     const uint8_t *data, size_t at, size_t end)
{
	uint64_t word;
	size_t stop, ret;

	while (at < end) {
		if (!health->seen)
			health->first = (uint8_t)vrng_health_bit(data, at);
		stop = limits->window - health->seen;
		stop = stop < end - at ? at + stop : end;
		for (; stop - at >= 64 && health->same + 64 < limits->apt;
		     at += 64) {
			word = vrng_health_bits(data, at);
			health->same +=
				vrng_health_ones(health->first ? word : ~word);
			health->seen += 64;
		}
		ret = vrng_health_apt_each(health, limits, data, at, stop);
		if (ret < stop)
			return ret;
		at = stop;
		if (health->seen == limits->window) {
			health->seen = 0;
			health->same = 0;
		}
	}
	return end;
}

#endif
