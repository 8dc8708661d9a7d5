// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SP 800-90B, 6.3.8: the lag prediction estimate. Subpredictor d of 128
 * predicts the value of the sample d samples ago.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/estimate/predict.h"

#define LAGS VRNG_SUBPREDICTORS

/* Returns a bit for each of eight bytes, set if it is equal in @a and @b. */
static uint64_t equal_bytes(const uint8_t *a, const uint8_t *b)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7full;
	uint64_t x, y, differ;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap64(x);
	y = __builtin_bswap64(y);
#endif
	x ^= y;
	differ = ((x & low) + low) | x | low; /* 0x7f where they are equal */
	return ((~differ >> 7) * 0x0102040810204080ull) >> 56;
}

/*
 * Returns a bit for each of @count samples, set if it equals the one @lag ago.
 */
static uint64_t compare(const uint8_t *s, size_t at, size_t lag,
			unsigned int count)
{
	uint64_t right = 0;
	unsigned int i = 0;

	if (at >= lag)
		for (; i + 8 <= count; i += 8)
			right |= equal_bytes(s + at + i, s + at + i - lag) << i;
	for (; i < count; i++)
		if (at + i >= lag)
			right |= (uint64_t)(s[at + i] == s[at + i - lag]) << i;
	return right;
}

static int of_bytes(const struct vrng_samples *samples,
		    struct vrng_scoreboard *board)
{
	uint64_t right[LAGS];
	unsigned int count, d;
	size_t at;

	for (at = 1; at < samples->len; at += count) {
		count = samples->len - at < 64 ?
				(unsigned int)(samples->len - at) :
				64;
		for (d = 0; d < board->count; d++)
			right[d] = compare(samples->s, at, d + 1, count);
		vrng_scoreboard_run(board, right, count);
	}
	return 0;
}

/*
 * Returns 64 bits of the string from @at on; before its start there are zeros.
 */
static uint64_t bits_at(const uint64_t *words, ptrdiff_t at)
{
	/* Two words of zeros precede the string. */
	const size_t bit = (size_t)(at + 128), shift = bit % 64;
	const uint64_t *word = words + bit / 64;

	if (!shift)
		return word[0];
	return word[0] >> shift | word[1] << (64 - shift);
}

static uint64_t *pack(const struct vrng_samples *bits)
{
	/* Two words before the string, and one after the last. */
	uint64_t *words = calloc(bits->len / 64 + 4, sizeof(*words));
	size_t i;

	if (!words)
		return NULL;
	for (i = 0; i < bits->len; i++)
		words[2 + i / 64] |= (uint64_t)bits->s[i] << i % 64;
	return words;
}

static int of_bits(const struct vrng_samples *bits,
		   struct vrng_scoreboard *board)
{
	uint64_t *words = pack(bits);
	uint64_t right[LAGS], now, valid;
	unsigned int count, d;
	size_t at;

	if (!words)
		return -ENOMEM;
	for (at = 1; at < bits->len; at += count) {
		count = bits->len - at < 64 ? (unsigned int)(bits->len - at) :
					      64;
		valid = ~0ull >> (64 - count);
		now = bits_at(words, (ptrdiff_t)at);
		for (d = 0; d < board->count; d++) {
			right[d] = ~(now ^
				     bits_at(words, (ptrdiff_t)at -
							    (ptrdiff_t)d - 1)) &
				   valid;
			/* The zeros before the string are no prediction. */
			if (d + 1 >= at + 64)
				right[d] = 0;
			else if (d + 1 > at)
				right[d] &= ~0ull << (d + 1 - at);
		}
		vrng_scoreboard_run(board, right, count);
	}
	free(words);
	return 0;
}

int vrng_estimate_lag_of(const struct vrng_samples *samples, unsigned int lags,
			 struct vrng_estimate *estimate)
{
	struct vrng_scoreboard board = { .count = lags };
	int ret;

	ret = samples->width == 1 ? of_bits(samples, &board) :
				    of_bytes(samples, &board);
	if (ret)
		return ret;
	vrng_hits_estimate(&board.hits, samples->symbols, estimate);
	return 0;
}

int vrng_estimate_lag(const struct vrng_samples *samples,
		      struct vrng_estimate *estimate)
{
	return vrng_estimate_lag_of(samples, LAGS, estimate);
}
