// SPDX-License-Identifier: GPL-2.0-or-later
/* What the fast engines share and vectors are no help with: fips_words.h. */
#include <endian.h>
#include <string.h>

#include "rngd/checks/fips_words.h"

/* Of word FIPS_FULL_WORDS, the half that is the block's. */
#define HALF 0xffffffff00000000ULL

static bool last_bit(const struct fips_words *words)
{
	return words->bits[FIPS_FULL_WORDS] >> 32 & 1;
}

void vrng_fips_pad(struct fips_words *words,
		   const uint8_t block[VRNG_FIPS_BLOCK_BYTES])
{
	uint32_t half;
	size_t n;

	memcpy(&half, block + FIPS_FULL_WORDS * 8, sizeof(half));
	words->bits[FIPS_FULL_WORDS] = (uint64_t)be32toh(half) << 32;
	if (!last_bit(words))
		words->bits[FIPS_FULL_WORDS] |= ~HALF;
	for (n = FIPS_WORDS; n < FIPS_PADDED + 8; n++)
		words->bits[n] = last_bit(words) ? 0 : ~0ULL;
}

void vrng_fips_trim(struct fips_words *words)
{
	words->equal[FIPS_FULL_WORDS] &= HALF;
	memset(words->equal + FIPS_WORDS, 0,
	       sizeof(words->equal) - FIPS_WORDS * sizeof(words->equal[0]));
}

/* ------------------------------------------------------------ longest run */

/*
 * Places in word @n from which on FIPS_WINDOW + @more bits are equal: two
 * windows that overlap, or at @more 7 would no longer.
 */
static uint64_t longer(const struct fips_words *words, size_t n,
		       unsigned int more)
{
	return words->equal[n] &
	       (words->equal[n] << more | words->equal[n + 1] >> (64 - more));
}

/* How many bits from @at on, in word @n, are equal; @n becomes the end's. */
static uint32_t length_from(const struct fips_words *words, size_t *n,
			    unsigned int at)
{
	uint64_t flip = words->bits[*n] << at >> 63 ? ~0ULL : 0;
	uint64_t rest = (words->bits[*n] ^ flip) << at;
	uint32_t length = 0;

	if (rest)
		return (uint32_t)__builtin_clzll(rest);
	/* The padding's first bit is not equal. */
	length = 64 - at;
	while (++*n < FIPS_WORDS) {
		rest = words->bits[*n] ^ flip;
		if (rest)
			return length + (uint32_t)__builtin_clzll(rest);
		length += 64;
	}
	return length;
}

void vrng_fips_follow(const struct fips_words *words, size_t n,
		      struct fips_longest *longest)
{
	uint64_t begins = longer(words, n, FIPS_LONGISH - FIPS_WINDOW);

	if (n < longest->next)
		return;
	while (begins) {
		unsigned int at = (unsigned int)__builtin_clzll(begins);
		size_t end = n;
		uint32_t length = length_from(words, &end, at);

		if (length > longest->bits)
			longest->bits = length;
		longest->next = end;
		if (end > n || at + length >= 64)
			return;
		begins &= ~0ULL >> (at + length);
	}
}

static bool any_longer(const struct fips_words *words, unsigned int more)
{
	size_t n;

	for (n = 0; n < FIPS_WORDS; n++)
		if (longer(words, n, more))
			return true;
	return false;
}

/* Where no run has FIPS_LONGISH bits. */
static uint32_t longest_short(const struct fips_words *words,
			      const uint32_t ones[], const uint32_t zeros[])
{
	unsigned int more = FIPS_LONGISH - FIPS_WINDOW - 1;
	uint32_t k = FIPS_WINDOW;

	while (k > 1 && !ones[k] && !zeros[k])
		k--;
	if (k < FIPS_WINDOW)
		return k;
	while (more && !any_longer(words, more))
		more--;
	return k + more;
}

/* ------------------------------------------------------------- statistics */

static void finish_nibbles(const uint32_t nibbles[VRNG_FIPS_NIBBLES],
			   bool pad_bit, struct vrng_fips_stats *stats)
{
	size_t i;

	memcpy(stats->nibbles, nibbles, sizeof(stats->nibbles));
	stats->nibbles[pad_bit ? VRNG_FIPS_NIBBLES - 1 : 0] -=
		FIPS_PAD_BITS / 4;
	stats->ones = 0;
	stats->poker = 0;
	for (i = 0; i < VRNG_FIPS_NIBBLES; i++) {
		uint32_t bits = (uint32_t)((i & 1) + (i >> 1 & 1) +
					   (i >> 2 & 1) + (i >> 3));

		stats->ones += bits * stats->nibbles[i];
		stats->poker += stats->nibbles[i] * stats->nibbles[i];
	}
}

/* From the number of runs of each length or more to that of each length. */
static void finish_runs(const uint32_t windows[FIPS_WINDOW + 1], uint32_t *runs)
{
	size_t k;

	for (k = 1; k < FIPS_WINDOW - 1; k++)
		runs[k - 1] = windows[k] - 2 * windows[k + 1] + windows[k + 2];
	runs[k - 1] = windows[k] - windows[k + 1];
}

void vrng_fips_finish(struct fips_words *words,
		      const struct fips_counts *counts, uint32_t longest,
		      struct vrng_fips_stats *stats)
{
	const bool pad_bit = !last_bit(words);
	uint32_t ones[FIPS_WINDOW + 1];
	uint32_t zeros[FIPS_WINDOW + 1];
	size_t k;

	finish_nibbles(counts->nibbles, pad_bit, stats);
	ones[1] = stats->ones;
	zeros[1] = VRNG_FIPS_BLOCK_BITS - stats->ones;
	for (k = 2; k <= FIPS_WINDOW; k++) {
		ones[k] = counts->ones[k] - (pad_bit ? FIPS_PAD_BITS : 0);
		zeros[k] = counts->zeros[k] - (pad_bit ? 0 : FIPS_PAD_BITS);
	}
	finish_runs(zeros, stats->runs[0]);
	finish_runs(ones, stats->runs[1]);
	stats->repeats = counts->repeats;
	stats->longest = longest ? longest : longest_short(words, ones, zeros);
	explicit_bzero(words->bits, sizeof(words->bits));
}
