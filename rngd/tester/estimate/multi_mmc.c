// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SP 800-90B, 6.3.9: the MultiMMC prediction estimate. Sixteen Markov models
 * with counting, of orders 1 to 16, each predict the value that followed the
 * last samples most often; at a tie, the greatest.
 *
 * The models do not depend on each other: each runs over all samples and
 * records which it predicted. Then the winner of each step is determined.
 */
#include <errno.h>
#include <stdlib.h>

#include "rngd/tester/estimate/contexts.h"
#include "rngd/tester/estimate/predict.h"

#define MODELS 16
#define MAX_ENTRIES \
	100000u /* of a model; an entry is a context and a follower */

/* Index of the first sample that is predicted, the standard's i = 3. */
#define FIRST 2

/*
 * Bit n of a model's @right is set if it predicted sample FIRST + n. Of bits that
 * is every second one, which a processor cannot foresee: so this has no branch.
 */
static void set_right(uint64_t *right, size_t at, bool is_right)
{
	right[(at - FIRST) / 64] |= (uint64_t)is_right << (at - FIRST) % 64;
}

/* ------------------------------------------------------------------ bits */

static int model_bits(const struct vrng_samples *bits, unsigned int order,
		      uint64_t *right)
{
	const uint32_t mask = (1u << order) - 1;
	uint32_t(*counts)[2] = calloc(mask + 1u, sizeof(*counts));
	uint32_t *before = NULL, *now;
	uint32_t last = 0, entries = 0;
	size_t at;

	if (!counts)
		return -ENOMEM;
	last = bits->s[0];
	for (at = 1; at < bits->len; at++) {
		/* @before counts what follows the bits that end at - 2. */
		if (before &&
		    (before[bits->s[at - 1]] || entries < MAX_ENTRIES))
			entries += !before[bits->s[at - 1]]++;
		if (at > 1)
			last = (last << 1 | bits->s[at - 1]) & mask;
		if (at < order)
			continue;
		now = counts[last];
		if (at >= FIRST)
			set_right(right, at,
				  ((now[0] | now[1]) != 0) &
					  (bits->s[at] == (now[1] >= now[0])));
		before = now;
	}
	free(counts);
	return 0;
}

/* ----------------------------------------------------------------- bytes */

/*
 * Count that @next followed @tuple, whose context is @number or
 * VRNG_NO_CONTEXT. A full model adds no entries.
 */
static int count(struct vrng_contexts *contexts, uint32_t number,
		 const struct vrng_tuple *tuple, uint8_t next,
		 uint32_t *entries)
{
	int ret;

	if (number == VRNG_NO_CONTEXT) {
		if (*entries == MAX_ENTRIES)
			return 0;
		ret = vrng_contexts_add(contexts, tuple, &number);
		if (ret)
			return ret;
	}
	ret = vrng_contexts_count(contexts, number, next,
				  *entries < MAX_ENTRIES);
	if (ret < 0)
		return ret;
	*entries += (uint32_t)ret;
	return 0;
}

static int model_bytes(const struct vrng_samples *samples, unsigned int order,
		       uint64_t *right)
{
	struct vrng_tuple tuple = { 0 }, before = { 0 };
	const uint8_t *s = samples->s;
	struct vrng_contexts contexts;
	uint32_t entries = 0, number = VRNG_NO_CONTEXT;
	size_t at;
	int ret;

	ret = vrng_contexts_init(&contexts, order);
	vrng_tuple_push(&tuple, s[0]);
	for (at = 1; !ret && at < samples->len; at++) {
		if (at > order)
			ret = count(&contexts, number, &before, s[at - 1],
				    &entries);
		if (at > 1)
			vrng_tuple_push(&tuple, s[at - 1]);
		if (at < order)
			continue;
		number = vrng_contexts_find(&contexts, &tuple);
		if (at >= FIRST && number != VRNG_NO_CONTEXT)
			set_right(right, at,
				  s[at] == contexts.list[number].best);
		before = tuple;
	}
	vrng_contexts_free(&contexts);
	return ret;
}

/* ------------------------------------------------------------ scoreboard */

static void run_scoreboard(const struct vrng_samples *samples,
			   uint64_t *const *right, unsigned int models,
			   struct vrng_estimate *estimate)
{
	struct vrng_scoreboard board = { .count = models };
	const size_t steps = samples->len - FIRST;
	uint64_t block[MODELS];
	unsigned int i;
	size_t at;

	for (at = 0; at < steps; at += 64) {
		for (i = 0; i < models; i++)
			block[i] = right[i][at / 64];
		vrng_scoreboard_run(
			&board, block,
			steps - at < 64 ? (unsigned int)(steps - at) : 64);
	}
	vrng_hits_estimate(&board.hits, samples->symbols, estimate);
}

int vrng_estimate_multi_mmc_of(const struct vrng_samples *samples,
			       unsigned int models,
			       struct vrng_estimate *estimate)
{
	uint64_t *right[MODELS] = { NULL };
	unsigned int i;
	int ret = 0;

	if (samples->len <= FIRST)
		return 0;
	for (i = 0; i < models && !ret; i++) {
		right[i] = calloc(samples->len / 64 + 1, sizeof(*right[i]));
		if (!right[i])
			ret = -ENOMEM;
		else if (samples->width == 1)
			ret = model_bits(samples, i + 1, right[i]);
		else
			ret = model_bytes(samples, i + 1, right[i]);
	}
	if (!ret)
		run_scoreboard(samples, right, models, estimate);
	for (i = 0; i < models; i++)
		free(right[i]);
	return ret;
}

int vrng_estimate_multi_mmc(const struct vrng_samples *samples,
			    struct vrng_estimate *estimate)
{
	return vrng_estimate_multi_mmc_of(samples, MODELS, estimate);
}
