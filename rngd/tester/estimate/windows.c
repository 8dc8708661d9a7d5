// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Suffixes that are sorted by windows: see windows.h. A suffix shorter than a window
 * is followed by zeros there. It comes before what is equal to it then.
 */
#include <errno.h>
#include <string.h>

#include "rngd/tester/estimate/array.h"
#include "rngd/tester/estimate/windows.h"

#define WINDOW 64u /* bits */

/* A radix sort, from the lowest digit up. */
#define DIGIT_BITS 13u
#define DIGITS	   5u
#define VALUES	   (1u << DIGIT_BITS)

struct windows {
	size_t len;
	unsigned int bits; /* of a character */
	unsigned int chars; /* of a window */
	uint64_t *keys;
	uint64_t *spare;
	uint32_t (*counts)[VALUES]; /* of each digit */
	uint64_t tails[WINDOW]; /* keys of the last suffixes, by their lengths */
};

static int make(struct windows *w, const uint8_t *s, size_t len)
{
	unsigned int all = 1;
	size_t i;

	for (i = 0; i < len; i++)
		all |= s[i];
	*w = (struct windows){
		.len = len,
		.bits = 32 - (unsigned int)__builtin_clz(all),
		.keys = vrng_array_make(len * sizeof(*w->keys)),
		.spare = vrng_array_make(len * sizeof(*w->spare)),
		.counts = calloc(DIGITS, sizeof(*w->counts)),
	};
	w->chars = WINDOW / w->bits;
	return w->keys && w->spare && w->counts ? 0 : -ENOMEM;
}

static void wipe(uint64_t *keys, size_t len)
{
	if (keys)
		explicit_bzero(keys, len * sizeof(*keys));
	free(keys);
}

static void destroy(struct windows *w)
{
	wipe(w->keys, w->len);
	wipe(w->spare, w->len);
	free(w->counts);
}

static void fill(struct windows *w, const uint8_t *s)
{
	const unsigned int unused = WINDOW - w->chars * w->bits;
	const size_t ahead = w->chars - 1;
	uint64_t key = 0;
	size_t i;

	for (i = 0; i < ahead; i++)
		key = key << w->bits | (i < w->len ? s[i] : 0);
	for (i = 0; i < w->len; i++) {
		key = key << w->bits | (w->len - i > ahead ? s[i + ahead] : 0);
		w->keys[i] = key << unused;
	}
	for (i = 1; i < w->chars && i <= w->len; i++)
		w->tails[i] = w->keys[w->len - i];
}

/* ------------------------------------------------------------------- sorting */

static unsigned int digit(uint64_t key, unsigned int n)
{
	return (unsigned int)(key >> n * DIGIT_BITS) & (VALUES - 1);
}

/* Make begins of counts. */
static void add_up(uint32_t counts[VALUES])
{
	uint32_t begin = 0, count;
	unsigned int i;

	for (i = 0; i < VALUES; i++) {
		count = counts[i];
		counts[i] = begin;
		begin += count;
	}
}

static void sort(struct windows *w)
{
	uint64_t *keys;
	unsigned int n;
	size_t i;

	for (i = 0; i < w->len; i++)
		for (n = 0; n < DIGITS; n++)
			w->counts[n][digit(w->keys[i], n)]++;
	for (n = 0; n < DIGITS; n++) {
		add_up(w->counts[n]);
		for (i = 0; i < w->len; i++)
			w->spare[w->counts[n][digit(w->keys[i], n)]++] =
				w->keys[i];
		keys = w->keys;
		w->keys = w->spare;
		w->spare = keys;
	}
}

/* ----------------------------------------------------------------- comparing */

static void compare(const struct windows *w, int32_t *common)
{
	int32_t equal[WINDOW + 1];
	uint64_t differ;
	size_t i;

	for (i = 0; i <= WINDOW; i++)
		equal[i] = (int32_t)(i / w->bits);
	common[0] = 0;
	for (i = 1; i < w->len; i++) {
		differ = w->keys[i] ^ w->keys[i - 1];
		common[i] =
			equal[differ ? (unsigned int)__builtin_clzll(differ) :
				       WINDOW];
	}
}

/* Returns the number of keys below @key. */
static size_t find_place(const struct windows *w, uint64_t key)
{
	size_t low = 0, high = w->len, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (w->keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void limit(const struct windows *w, int32_t *common, size_t i,
		  int32_t most)
{
	if (i < w->len && common[i] > most)
		common[i] = most;
}

/* No suffix has more in common with its neighbours than it has characters. */
static void limit_tails(const struct windows *w, int32_t *common)
{
	unsigned int length, shorter;
	size_t at;

	for (length = 1; length < w->chars && length <= w->len; length++) {
		at = find_place(w, w->tails[length]);
		for (shorter = 1; shorter < length; shorter++)
			at += w->tails[shorter] == w->tails[length];
		limit(w, common, at, (int32_t)length);
		limit(w, common, at + 1, (int32_t)length);
	}
}

static int check(const struct windows *w, const int32_t *common)
{
	int32_t most = 0;
	size_t i;

	for (i = 0; i < w->len; i++)
		most = common[i] > most ? common[i] : most;
	return most < (int32_t)w->chars ? 0 : -ERANGE;
}

int vrng_windows_compare(const uint8_t *s, size_t len, int32_t **common)
{
	struct windows w;
	int ret;

	*common = NULL;
	if (!len || len > VRNG_WINDOWS_MAX)
		return -ERANGE;
	ret = make(&w, s, len);
	if (!ret) {
		*common = vrng_array_make(len * sizeof(**common));
		ret = *common ? 0 : -ENOMEM;
	}
	if (!ret) {
		fill(&w, s);
		sort(&w);
		compare(&w, *common);
		limit_tails(&w, *common);
		ret = check(&w, *common);
	}
	destroy(&w);
	if (ret) {
		free(*common);
		*common = NULL;
	}
	return ret;
}
