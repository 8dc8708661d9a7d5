// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * FIPS 140-2's tests, written to be read against the standard: see
 * include/vrng/fips.h. Measuring is apart from judging, so that a faster way
 * to measure needs to prove nothing but equal statistics.
 */
#include <stdbool.h>
#include <string.h>

#include "vrng/fips.h"

#define WORDS (VRNG_FIPS_BLOCK_BYTES / VRNG_FIPS_WORD_BYTES)

struct range {
	uint32_t min;
	uint32_t max;
};

/* Both ends are allowed. */
static const struct range ones_allowed = { 9726, 10274 };
static const struct range poker_allowed = { 1563176, 1576928 };
static const struct range runs_allowed[VRNG_FIPS_RUN_LENGTHS] = {
	{ 2315, 2685 }, { 1114, 1386 }, { 527, 723 },
	{ 240, 384 },	{ 103, 209 },	{ 103, 209 },
};

static const char *const names[VRNG_FIPS_TESTS] = {
	[VRNG_FIPS_MONOBIT] = "Monobit",
	[VRNG_FIPS_POKER] = "Poker",
	[VRNG_FIPS_RUNS] = "Runs",
	[VRNG_FIPS_LONG] = "Long run",
	[VRNG_FIPS_CONTINUOUS] = "Continuous run",
};

const char *vrng_fips_test_name(enum vrng_fips_test test)
{
	return names[test];
}

void vrng_fips_init(struct vrng_fips *fips,
		    const uint8_t first[VRNG_FIPS_WORD_BYTES])
{
	memcpy(fips->last, first, sizeof(fips->last));
}

static uint32_t count_ones(const uint8_t *block)
{
	uint32_t ones = 0;
	size_t i;

	for (i = 0; i < VRNG_FIPS_BLOCK_BYTES; i++)
		ones += (uint32_t)__builtin_popcount(block[i]);
	return ones;
}

static uint32_t sum_poker(const uint8_t *block)
{
	uint32_t count[16] = { 0 };
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < VRNG_FIPS_BLOCK_BYTES; i++) {
		count[block[i] >> 4]++;
		count[block[i] & 15]++;
	}
	for (i = 0; i < 16; i++)
		sum += count[i] * count[i];
	return sum;
}

static unsigned int bit_at(const uint8_t *block, size_t n)
{
	return block[n / 8] >> (7 - n % 8) & 1;
}

static void end_run(struct vrng_fips_stats *stats, unsigned int bit,
		    uint32_t length)
{
	uint32_t *bins = stats->runs[bit];

	if (length >= VRNG_FIPS_RUN_LENGTHS)
		bins[VRNG_FIPS_RUN_LENGTHS - 1]++;
	else
		bins[length - 1]++;
	if (length > stats->longest)
		stats->longest = length;
}

static void count_runs(const uint8_t *block, struct vrng_fips_stats *stats)
{
	unsigned int bit = bit_at(block, 0);
	uint32_t length = 1;
	size_t n;

	for (n = 1; n < VRNG_FIPS_BLOCK_BITS; n++) {
		if (bit_at(block, n) == bit) {
			length++;
			continue;
		}
		end_run(stats, bit, length);
		bit ^= 1;
		length = 1;
	}
	end_run(stats, bit, length);
}

static uint32_t count_repeats(struct vrng_fips *fips, const uint8_t *block)
{
	const uint8_t *last = fips->last;
	uint32_t repeats = 0;
	size_t i;

	for (i = 0; i < WORDS; i++) {
		const uint8_t *word = block + i * VRNG_FIPS_WORD_BYTES;

		repeats += !memcmp(word, last, VRNG_FIPS_WORD_BYTES);
		last = word;
	}
	memcpy(fips->last, last, sizeof(fips->last));
	return repeats;
}

static bool outside(uint32_t value, const struct range *allowed)
{
	return value < allowed->min || value > allowed->max;
}

static bool runs_fail(const struct vrng_fips_stats *stats)
{
	size_t i;

	for (i = 0; i < VRNG_FIPS_RUN_LENGTHS; i++)
		if (outside(stats->runs[0][i], &runs_allowed[i]) ||
		    outside(stats->runs[1][i], &runs_allowed[i]))
			return true;
	return false;
}

unsigned int vrng_fips_judge(const struct vrng_fips_stats *stats)
{
	unsigned int failed = 0;

	if (outside(stats->ones, &ones_allowed))
		failed |= VRNG_FIPS_BIT(VRNG_FIPS_MONOBIT);
	if (outside(stats->poker, &poker_allowed))
		failed |= VRNG_FIPS_BIT(VRNG_FIPS_POKER);
	if (runs_fail(stats))
		failed |= VRNG_FIPS_BIT(VRNG_FIPS_RUNS);
	if (stats->longest >= VRNG_FIPS_LONG_RUN)
		failed |= VRNG_FIPS_BIT(VRNG_FIPS_LONG);
	if (stats->repeats)
		failed |= VRNG_FIPS_BIT(VRNG_FIPS_CONTINUOUS);
	return failed;
}

unsigned int vrng_fips_check(struct vrng_fips *fips,
			     const uint8_t block[VRNG_FIPS_BLOCK_BYTES],
			     struct vrng_fips_result *result)
{
	struct vrng_fips_stats *stats = &result->stats;

	memset(result, 0, sizeof(*result));
	stats->ones = count_ones(block);
	stats->poker = sum_poker(block);
	count_runs(block, stats);
	stats->repeats = count_repeats(fips, block);
	result->failed = vrng_fips_judge(stats);
	return result->failed;
}
