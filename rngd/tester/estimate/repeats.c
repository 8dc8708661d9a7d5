// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counts tuples of a string that occur more than once: see repeats.h.
 *
 * In a suffix array the occurrences of a tuple are neighbours. A maximal
 * interval of the array whose suffixes share at least @depth characters holds
 * all occurrences of one tuple of that length. The same occurrences are those
 * of the tuple's shorter prefixes, down to the length that a wider interval
 * shares. A stack visits each interval once, as in Abouelhoda, Kurtz,
 * Ohlebusch: "Replacing suffix trees with enhanced suffix arrays" (2004). The
 * common lengths are computed as in Karkkainen, Manzini, Puglisi: "Permuted
 * longest-common-prefix array" (2009). Where windows tell all suffixes apart, they
 * take the place of the array.
 */
#include <errno.h>
#include <stdlib.h>

#include <divsufsort.h>

#include "rngd/tester/estimate/array.h"
#include "rngd/tester/estimate/repeats.h"
#include "rngd/tester/estimate/windows.h"

/* An interval of the suffix array that is still open to the right. */
struct interval {
	uint32_t depth; /* characters in common */
	uint32_t begin; /* its first index */
};

/*
 * All arrays are read in an order that has nothing to do with their places, which
 * takes nearly all of the time: so what comes AHEAD steps later is fetched before.
 */
#define AHEAD 16

/* phi[i] is the suffix that sorts right before suffix i, or -1. */
static void find_phi(const int32_t *suffixes, size_t len, int32_t *phi)
{
	size_t i;

	phi[suffixes[0]] = -1;
	for (i = 1; i < len; i++) {
		if (i + AHEAD < len)
			__builtin_prefetch(&phi[suffixes[i + AHEAD]], 1);
		phi[suffixes[i]] = suffixes[i - 1];
	}
}

/*
 * Replaces phi[i] by the number of characters that suffix i and the one right
 * before it have in common.
 */
static void common_lengths(const uint8_t *s, int32_t len, int32_t *phi)
{
	int32_t i, before, common = 0;

	for (i = 0; i < len; i++) {
		before = phi[i];
		if (i + AHEAD < len && phi[i + AHEAD] >= 0)
			__builtin_prefetch(&s[phi[i + AHEAD]]);
		if (before < 0) {
			common = 0;
		} else {
			while (i + common < len && before + common < len &&
			       s[i + common] == s[before + common])
				common++;
		}
		phi[i] = common;
		if (common)
			common--;
	}
}

/* As vrng_windows_compare(), for any string. */
static int compare_suffixes(const uint8_t *s, size_t len, int32_t **common)
{
	int32_t *suffixes = vrng_array_make(len * sizeof(*suffixes));
	int32_t *phi = vrng_array_make(len * sizeof(*phi));
	size_t i;

	if (!suffixes || !phi || divsufsort(s, suffixes, (saidx_t)len)) {
		free(suffixes);
		free(phi);
		return -ENOMEM;
	}
	find_phi(suffixes, len, phi);
	common_lengths(s, (int32_t)len, phi);
	*common = suffixes;
	for (i = 0; i < len; i++) {
		if (i + AHEAD < len)
			__builtin_prefetch(&phi[suffixes[i + AHEAD]]);
		(*common)[i] = phi[suffixes[i]];
	}
	free(phi);
	return 0;
}

static size_t find_longest(const int32_t *common, size_t len)
{
	int32_t longest = 0;
	size_t i;

	for (i = 0; i < len; i++)
		longest = common[i] > longest ? common[i] : longest;
	return (size_t)longest;
}

/* Count a tuple of @depth characters that occurs @size times; see add_up(). */
static void count_interval(struct vrng_repeats *repeats, uint32_t depth,
			   uint32_t outer, uint32_t size)
{
	const uint64_t pairs = (uint64_t)size * (size - 1) / 2;

	if (size > repeats->most[depth])
		repeats->most[depth] = size;
	/* Differences: the pairs count for lengths @outer + 1 to @depth. */
	repeats->pairs[depth] += pairs;
	repeats->pairs[outer] -= pairs;
}

static void walk(struct vrng_repeats *repeats, const int32_t *common,
		 struct interval *stack)
{
	const uint32_t len = (uint32_t)repeats->len;
	uint32_t top = 0, i, depth, begin, outer;

	stack[0] = (struct interval){ 0, 0 };
	for (i = 1; i <= len; i++) {
		depth = i < len ? (uint32_t)common[i] : 0;
		begin = i - 1;
		while (stack[top].depth > depth) {
			begin = stack[top].begin;
			outer = stack[top - 1].depth;
			if (outer < depth)
				outer = depth;
			count_interval(repeats, stack[top].depth, outer,
				       i - begin);
			top--;
		}
		if (stack[top].depth < depth)
			stack[++top] = (struct interval){ depth, begin };
	}
}

/*
 * Extend the counts of each length to the shorter ones, from the longest down.
 */
static void add_up(struct vrng_repeats *repeats)
{
	size_t i;

	for (i = repeats->longest; i-- > 1;) {
		repeats->pairs[i] += repeats->pairs[i + 1];
		if (repeats->most[i] < repeats->most[i + 1])
			repeats->most[i] = repeats->most[i + 1];
	}
}

static int make_room(struct vrng_repeats *repeats, struct interval **stack)
{
	const size_t n = repeats->longest + 2;

	repeats->most = calloc(n, sizeof(*repeats->most));
	repeats->pairs = calloc(n, sizeof(*repeats->pairs));
	*stack = malloc(n * sizeof(**stack));
	return repeats->most && repeats->pairs && *stack ? 0 : -ENOMEM;
}

int vrng_repeats_find(struct vrng_repeats *repeats, const uint8_t *s,
		      size_t len)
{
	struct interval *stack = NULL;
	int32_t *common;
	int ret;

	*repeats = (struct vrng_repeats){ .len = len };
	if (!len)
		return 0;
	ret = vrng_windows_compare(s, len, &common);
	if (ret == -ERANGE)
		ret = compare_suffixes(s, len, &common);
	if (ret)
		return ret;
	repeats->longest = find_longest(common, len);
	ret = make_room(repeats, &stack);
	if (!ret) {
		walk(repeats, common, stack);
		add_up(repeats);
	}
	free(stack);
	free(common);
	return ret;
}

void vrng_repeats_free(struct vrng_repeats *repeats)
{
	free(repeats->most);
	free(repeats->pairs);
	repeats->most = NULL;
	repeats->pairs = NULL;
}
