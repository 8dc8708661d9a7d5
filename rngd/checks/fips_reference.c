// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reference engine: measures bit by bit, in the steps of FIPS 140-2,
 * section 4.9. It is slow; the other engines are tested against it.
 */
#include <string.h>

#include "rngd/checks/fips_engines.h"

#define WORDS (VRNG_FIPS_BLOCK_BYTES / VRNG_FIPS_WORD_BYTES)

static unsigned int bit_at(const uint8_t *block, size_t n)
{
	return block[n / 8] >> (7 - n % 8) & 1;
}

/* The Monobit Test, step 1. */
static uint32_t count_ones(const uint8_t *block)
{
	uint32_t ones = 0;
	size_t n;

	for (n = 0; n < VRNG_FIPS_BLOCK_BITS; n++)
		ones += bit_at(block, n);
	return ones;
}

/* The Poker Test, steps 1 and 2, without the constants of X. */
static void count_nibbles(const uint8_t *block, struct vrng_fips_stats *stats)
{
	size_t i;

	for (i = 0; i < VRNG_FIPS_BLOCK_BYTES; i++) {
		stats->nibbles[block[i] >> 4]++;
		stats->nibbles[block[i] & 15]++;
	}
	for (i = 0; i < VRNG_FIPS_NIBBLES; i++)
		stats->poker += stats->nibbles[i] * stats->nibbles[i];
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

/* The Runs Test, step 1, and the Long Runs Test. */
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

/* The continuous random number generator test, 4.9.2, within the block. */
static uint32_t count_repeats(const uint8_t *block)
{
	uint32_t repeats = 0;
	size_t i;

	for (i = 1; i < WORDS; i++)
		repeats += !memcmp(block + i * VRNG_FIPS_WORD_BYTES,
				   block + (i - 1) * VRNG_FIPS_WORD_BYTES,
				   VRNG_FIPS_WORD_BYTES);
	return repeats;
}

void vrng_fips_measure_reference(const uint8_t block[VRNG_FIPS_BLOCK_BYTES],
				 struct vrng_fips_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	stats->ones = count_ones(block);
	count_nibbles(block, stats);
	count_runs(block, stats);
	stats->repeats = count_repeats(block);
}
