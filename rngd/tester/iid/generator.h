/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The generator of the shuffles: xoshiro256**, begun with splitmix64 from a
 * seed and the number of the shuffle. So each shuffle depends on the seed alone,
 * whatever thread makes it. It is not for secrets.
 */
#ifndef RNGD_TESTER_IID_GENERATOR_H
#define RNGD_TESTER_IID_GENERATOR_H

#include <stdint.h>

struct vrng_generator {
	uint64_t s[4];
	uint32_t rest; /* the second half of the last number */
	uint32_t halves; /* 1 if rest is unused, otherwise 0 */
};

static inline uint64_t vrng_splitmix(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* Begin the generator of shuffle @number. */
static inline void vrng_generator_begin(struct vrng_generator *generator,
					uint64_t seed, uint64_t number)
{
	uint64_t state = seed;
	unsigned int i;

	state = vrng_splitmix(&state) ^ number;
	for (i = 0; i < 4; i++)
		generator->s[i] = vrng_splitmix(&state);
	generator->halves = 0;
}

static inline uint64_t vrng_rotate(uint64_t x, unsigned int by)
{
	return x << by | x >> (64 - by);
}

static inline uint64_t vrng_generator_next(struct vrng_generator *generator)
{
	uint64_t *s = generator->s;
	const uint64_t result = vrng_rotate(s[1] * 5, 7) * 9;
	const uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = vrng_rotate(s[3], 45);
	return result;
}

static inline uint32_t vrng_generator_half(struct vrng_generator *generator)
{
	uint64_t both;

	if (generator->halves) {
		generator->halves = 0;
		return generator->rest;
	}
	both = vrng_generator_next(generator);
	generator->rest = (uint32_t)(both >> 32);
	generator->halves = 1;
	return (uint32_t)both;
}

/* Returns a number below @bound, each with the same probability (Lemire). */
static inline uint32_t vrng_generator_below(struct vrng_generator *generator,
					    uint32_t bound)
{
	uint64_t product = (uint64_t)vrng_generator_half(generator) * bound;

	if ((uint32_t)product < bound) {
		const uint32_t biased = -bound % bound;

		while ((uint32_t)product < biased)
			product = (uint64_t)vrng_generator_half(generator) *
				  bound;
	}
	return (uint32_t)(product >> 32);
}

#endif
