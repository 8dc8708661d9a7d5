// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs of comparisons: see runs.h. */
#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "rngd/tester/iid/runs.h"

#define WORD 64

/* Eight bytes of 0 and 1 as eight bits, the first one lowest. */
static uint64_t pack(const uint8_t *flags)
{
	uint64_t bytes;

	memcpy(&bytes, flags, sizeof(bytes));
	return le64toh(bytes) * 0x0102040810204080ULL >> 56;
}

/* The results of @count <= 64 comparisons: is a sample of @a less than its peer? */
static uint64_t compare(const uint8_t *a, const uint8_t *b, size_t count)
{
	uint8_t flags[WORD] = { 0 };
	uint64_t word = 0;
	size_t i;

	if (count == WORD)
		for (i = 0; i < WORD; i++)
			flags[i] = a[i] < b[i];
	else
		for (i = 0; i < count; i++)
			flags[i] = a[i] < b[i];
	for (i = 0; i < WORD; i += 8)
		word |= pack(flags + i) << i;
	return word;
}

struct state {
	struct vrng_runs *runs;
	size_t run; /* length so far of the run that the last word ends with */
	uint64_t last; /* result of the last comparison */
};

/* Does @word have @count zeros in a row, 1 to 63? */
static bool has_zeros(uint64_t word, unsigned int count)
{
	unsigned int have = 1;

	word = ~word;
	for (; 2 * have <= count; have *= 2)
		word &= word >> have;
	word &= word >> (count - have);
	return word;
}

/* @begins marks where runs begin. Look at those that end in the word, too. */
static void find_longest(struct vrng_runs *runs, uint64_t begins)
{
	unsigned int from = (unsigned int)__builtin_ctzll(begins), to;

	for (begins &= begins - 1; begins; begins &= begins - 1) {
		to = (unsigned int)__builtin_ctzll(begins);
		if (to - from > runs->longest)
			runs->longest = to - from;
		from = to;
	}
}

static void end_run(struct state *state)
{
	if (state->run > state->runs->longest)
		state->runs->longest = state->run;
}

/* Add @count results, of which the bits beyond are 0. */
static void add(struct state *state, uint64_t word, unsigned int count)
{
	const uint64_t used = ~0ULL >> (WORD - count);
	const uint64_t begins = (word ^ (word << 1 | state->last)) & used;
	struct vrng_runs *runs = state->runs;

	runs->less += (size_t)__builtin_popcountll(word);
	state->last = word >> (count - 1) & 1;
	if (!begins) {
		state->run += count;
		return;
	}
	runs->count += (size_t)__builtin_popcountll(begins);
	state->run += (size_t)__builtin_ctzll(begins);
	end_run(state);
	if (runs->longest < WORD - 1 &&
	    has_zeros(begins, (unsigned int)runs->longest))
		find_longest(runs, begins);
	state->run = count - (WORD - 1 - (size_t)__builtin_clzll(begins));
}

/* Compare @a with @b, whose samples are @step apart: 0 or 1. */
static void find(const uint8_t *a, const uint8_t *b, size_t step, size_t len,
		 struct vrng_runs *runs)
{
	struct state state = { .runs = runs, .last = *a < *b };
	unsigned int count;
	size_t i;

	*runs = (struct vrng_runs){ .count = 1, .longest = 1 };
	for (i = 0; i < len; i += count) {
		count = len - i < WORD ? (unsigned int)(len - i) : WORD;
		add(&state, compare(a + i, b + i * step, count), count);
	}
	end_run(&state);
}

void vrng_runs_below(const uint8_t *samples, size_t len, uint8_t limit,
		     struct vrng_runs *runs)
{
	uint8_t limits[WORD];

	memset(limits, limit, sizeof(limits));
	find(samples, limits, 0, len, runs);
}

void vrng_runs_falling(const uint8_t *samples, size_t len,
		       struct vrng_runs *runs)
{
	find(samples + 1, samples, 1, len - 1, runs);
}
