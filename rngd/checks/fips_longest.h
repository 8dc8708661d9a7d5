/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the longest run of a block in a time that depends little on the block.
 * It serves blocks that have many long runs, or none. fips_body.h includes this
 * file; it uses the vectors that are defined there. All functions are static.
 *
 * A bit that equals the next one is a pair. A run of n bits is n - 1 pairs in a
 * row, which either reach the end of a 64-bit word or lie within one.
 */
#include <endian.h>

#define FIPS_WORDS (8 * FIPS_EIGHTH / 8) /* of the padded block */
#define FIPS_LANES (sizeof(V) / 8)

/* The first bit of a word is the most significant. */
struct fips_pairs {
	uint64_t words[FIPS_WORDS];
};

/* Copy the padded block, and zeros after it, for loads from word 1 on. */
static void copy_words(const struct fips_planes *planes,
		       uint64_t words[FIPS_WORDS + FIPS_LANES])
{
	size_t eighth, n;

	for (eighth = 0; eighth < 8; eighth++) {
		const uint8_t *from =
			vrng_fips_bytes(planes, eighth * FIPS_EIGHTH);

		for (n = 0; n < FIPS_EIGHTH / 8; n++) {
			uint64_t word;

			memcpy(&word, from + n * sizeof(word), sizeof(word));
			*words++ = be64toh(word);
		}
	}
	memset(words, 0, sizeof(V));
}

/*
 * Find the pairs of the block. The first bit of the padding differs from the
 * block's last, and the pairs of the padding are removed.
 */
static void find_pairs(const struct fips_planes *planes,
		       struct fips_pairs *pairs)
{
	uint64_t block[FIPS_WORDS + FIPS_LANES];
	size_t n;

	copy_words(planes, block);
	for (n = 0; n < FIPS_WORDS; n += FIPS_LANES) {
		const V word = load(block + n);
		const V next = load(block + n + 1);

		store(pairs->words + n, ~(word ^ (word << 1 | next >> 63)));
	}
	n = VRNG_FIPS_BLOCK_BITS / 64;
	pairs->words[n] &= ~(~0ULL >> VRNG_FIPS_BLOCK_BITS % 64);
	while (++n < FIPS_WORDS)
		pairs->words[n] = 0;
	explicit_bzero(block, sizeof(block));
}

/* Returns the most pairs in a row, of those rows that reach a word's end. */
static uint32_t longest_across(const struct fips_pairs *pairs)
{
	uint32_t length = 0, longest = 0;
	size_t n;

	for (n = 0; n < FIPS_WORDS; n++) {
		const uint64_t others = ~pairs->words[n];

		if (!others) {
			length += 64;
			continue;
		}
		length += (uint32_t)__builtin_clzll(others);
		if (length > longest)
			longest = length;
		length = (uint32_t)__builtin_ctzll(others);
	}
	return longest;
}

/* Returns whether @length pairs, 1 to 63, are in a row within a word. */
static bool any_within(const struct fips_pairs *pairs, uint32_t length)
{
	uint32_t shifts[6] = { 0 }; /* the last of them are none */
	V any = SPREAD(0);
	uint32_t have = 1;
	size_t n, k;

	for (k = 0; have < length; k++) {
		shifts[k] = 2 * have <= length ? have : length - have;
		have += shifts[k];
	}
	for (n = 0; n < FIPS_WORDS; n += FIPS_LANES) {
		V rows = load(pairs->words + n);

#pragma GCC unroll 16
		for (k = 0; k < 6; k++)
			rows &= rows << shifts[k];
		any |= rows;
	}
	return nonzero(any);
}

/*
 * Returns the most pairs in a row within a word, if more than @least; otherwise
 * @least. Most blocks take one step, and few more than three.
 */
static uint32_t longest_within(const struct fips_pairs *pairs, uint32_t least)
{
	uint32_t low = least, high = 64, step = 1;

	while (high - low > 1) {
		uint32_t middle = low + step;

		if (middle >= high)
			middle = (low + high) / 2;
		if (any_within(pairs, middle)) {
			low = middle;
			step *= 2;
		} else {
			high = middle;
		}
	}
	return low;
}

/* Returns the length of the longest run of the block. */
static uint32_t measure_longest(const struct fips_planes *planes)
{
	struct fips_pairs pairs;
	uint32_t longest;

	find_pairs(planes, &pairs);
	longest = longest_across(&pairs);
	if (longest < 63)
		longest = longest_within(&pairs, longest);
	explicit_bzero(&pairs, sizeof(pairs));
	return longest + 1;
}
