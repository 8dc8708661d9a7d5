/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples that are the same on every machine, of sources good and bad: for the
 * test of the estimators, and for the bench that shows them to NIST's program.
 */
#ifndef TESTS_ESTIMATE_DATA_H
#define TESTS_ESTIMATE_DATA_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct sample_set {
	const char *name;
	unsigned int width; /* bits a sample: 8 or 1 */
	size_t count; /* samples; the vectors were made of as many */
	uint64_t seed;
	/* Sample @at, after those before it. */
	uint8_t (*next)(uint64_t *seed, const uint8_t *samples, size_t at);
};

/* xorshift64*, the high @bits of it */
static inline uint8_t random_bits(uint64_t *state, unsigned int bits)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint8_t)((*state * 0x2545f4914f6cdd1dULL) >> (64 - bits));
}

/* Nothing to find. */
static inline uint8_t next_ideal(uint64_t *seed, const uint8_t *samples,
				 size_t at)
{
	(void)samples;
	(void)at;
	return random_bits(seed, 8);
}

/* A counter with two random bits of jitter, as a sampled clock would be. */
static inline uint8_t next_walk(uint64_t *seed, const uint8_t *samples,
				size_t at)
{
	return (uint8_t)((at ? samples[at - 1] : 0) + random_bits(seed, 2));
}

/* The same words over and over, one letter in 16 at random. */
static inline uint8_t next_words(uint64_t *seed, const uint8_t *samples,
				 size_t at)
{
	static const char words[] =
		"the same words over and over again, or not. ";

	(void)samples;
	if (random_bits(seed, 4) == 0)
		return random_bits(seed, 8);
	return (uint8_t)words[at % (sizeof(words) - 1)];
}

/* A bit that stays what it is five times in six. */
static inline uint8_t next_sticky(uint64_t *seed, const uint8_t *samples,
				  size_t at)
{
	return (at ? samples[at - 1] : 0) ^ (random_bits(seed, 8) < 43);
}

/* A bit that is one in three cases of ten. */
static inline uint8_t next_biased(uint64_t *seed, const uint8_t *samples,
				  size_t at)
{
	(void)samples;
	(void)at;
	return random_bits(seed, 8) < 77;
}

/* A number that depends on all of @state, as a hash does. */
static inline uint64_t scatter(uint64_t state)
{
	state = (state + 1) * 0x9e3779b97f4a7c15ULL;
	return (state ^ state >> 32) * 0xd6e8feb86659fd93ULL;
}

/* Nothing to find until models are full, then other values, in a circle. */
static inline uint8_t next_late(uint64_t *seed, const uint8_t *samples,
				size_t at)
{
	(void)samples;
	if (at < 110000)
		return random_bits(seed, 7);
	if (random_bits(seed, 3) == 0)
		return 0x80 | random_bits(seed, 7);
	return (uint8_t)(0x80 | scatter(at % 300) >> 57);
}

/* In three of four cases what follows from the last 16 bits. */
static inline uint8_t next_of_sixteen(uint64_t *seed, const uint8_t *samples,
				      size_t at)
{
	uint64_t state = 0;
	size_t i;

	if (at < 16 || random_bits(seed, 1) == 0)
		return random_bits(seed, 1);
	for (i = at - 16; i < at; i++)
		state = state << 1 | samples[i];
	return (uint8_t)(scatter(state) >> 63);
}

static const struct sample_set sample_sets[] = {
	{ "ideal", 8, 50000, 1, next_ideal },
	{ "walk", 8, 60000, 2, next_walk },
	{ "words", 8, 40000, 3, next_words },
	{ "sticky", 1, 150000, 4, next_sticky },
	{ "biased", 1, 100000, 5, next_biased },
	/* These fill the models and dictionaries of the predictors. */
	{ "late", 8, 150000, 6, next_late },
	{ "of sixteen", 1, 500000, 7, next_of_sixteen },
};

#define SAMPLE_SETS (sizeof(sample_sets) / sizeof(sample_sets[0]))

static inline void fill_samples(const struct sample_set *set, uint8_t *samples,
				size_t count)
{
	uint64_t seed = set->seed;
	size_t i;

	for (i = 0; i < count; i++)
		samples[i] = set->next(&seed, samples, i);
}

#endif
