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
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/estimate/contexts.h"
#include "rngd/tester/estimate/predict.h"

#define MODELS 16
#define MAX_ENTRIES \
	100000u /* of a model; an entry is a context and a follower */

/*
 * Index of the first sample that is predicted, the standard's i = 3. Bit n of a
 * model's @right is set if it predicted sample FIRST + n.
 */
#define FIRST 2

/* ------------------------------------------------------------------ bits */

/*
 * Which samples were predicted cannot be foreseen: so nothing depends on that but
 * arithmetic, and 64 results are written at a time.
 */
static int model_bits(const struct vrng_samples *bits, unsigned int order,
		      uint64_t *right)
{
	const uint32_t mask = (1u << order) - 1;
	uint32_t(*counts)[2] = calloc(mask + 1u, sizeof(*counts));
	uint32_t *now, last = 0, entries = 0;
	uint64_t word = 0;
	unsigned int bit;
	size_t at, n;

	if (!counts)
		return -ENOMEM;
	for (at = 0; at < order && at < bits->len; at++)
		last = last << 1 | bits->s[at];
	for (; at < bits->len; at++) {
		/* The counts of what followed the last bits. */
		now = counts[last];
		bit = bits->s[at];
		n = at - FIRST; /* at < FIRST: there are no counts yet */
		word |= (uint64_t)(((now[0] | now[1]) != 0) &
				   (bit == (now[1] >= now[0])))
			<< n % 64;
		if (at >= FIRST && (n % 64 == 63 || at + 1 == bits->len)) {
			right[n / 64] = word;
			word = 0;
		}
		if (now[bit] || entries < MAX_ENTRIES)
			entries += !now[bit]++;
		last = (last << 1 | bit) & mask;
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

/*
 * What a model knows of the one before it, of an order less. A context is in a
 * model only if that with a byte less is in the model before, so most look-ups
 * of a full model end before they begin. There is an exception: the model before
 * may have become full a little earlier.
 */
struct before {
	uint64_t *known; /* bit n: it has the context that ends before sample n */
	size_t full_at; /* step that made it full, or SIZE_MAX */
	unsigned int exceptions; /* contexts of this model that it has not */
	struct vrng_tuple exception; /* the last one of them */
	struct vrng_tuple mask;
};

static bool is_known(const struct before *before, size_t at)
{
	return before->known[at / 64] >> at % 64 & 1;
}

static void set_known(struct before *before, size_t at, bool is_known)
{
	before->known[at / 64] &= ~(1ULL << at % 64);
	before->known[at / 64] |= (uint64_t)is_known << at % 64;
}

static bool is_exception(const struct before *before,
			 const struct vrng_tuple *tuple)
{
	if (before->exceptions != 1)
		return before->exceptions;
	return !((tuple->lo ^ before->exception.lo) & before->mask.lo) &&
	       !((tuple->hi ^ before->exception.hi) & before->mask.hi);
}

/* Look up the context that ends before sample @at. */
static uint32_t look_up(const struct vrng_contexts *contexts, uint32_t entries,
			const struct before *before, size_t at,
			const struct vrng_tuple *tuple)
{
	if (entries == MAX_ENTRIES && !is_known(before, at) &&
	    !is_exception(before, tuple))
		return VRNG_NO_CONTEXT;
	return vrng_contexts_find(contexts, tuple);
}

static int model_bytes(const struct vrng_samples *samples, unsigned int order,
		       struct before *before, uint64_t *right)
{
	struct vrng_tuple tuple = { 0 }, last = { 0 };
	const uint8_t *s = samples->s;
	struct vrng_contexts contexts;
	uint32_t entries = 0, number = VRNG_NO_CONTEXT;
	size_t full_at = SIZE_MAX, at;
	bool was_known = true;
	int ret;

	ret = vrng_contexts_init(&contexts, order);
	before->exceptions = 0;
	before->mask = contexts.mask;
	vrng_tuple_push(&tuple, s[0]);
	for (at = 1; !ret && at < samples->len; at++) {
		if (at > order) {
			if (number == VRNG_NO_CONTEXT && !was_known &&
			    entries < MAX_ENTRIES && at > before->full_at) {
				before->exceptions++;
				before->exception = last;
			}
			ret = count(&contexts, number, &last, s[at - 1],
				    &entries);
			if (entries == MAX_ENTRIES && full_at == SIZE_MAX)
				full_at = at;
		}
		if (at > 1)
			vrng_tuple_push(&tuple, s[at - 1]);
		if (at < order)
			continue;
		was_known = is_known(before, at);
		number = look_up(&contexts, entries, before, at, &tuple);
		set_known(before, at, number != VRNG_NO_CONTEXT);
		if (at >= FIRST && number != VRNG_NO_CONTEXT)
			right[(at - FIRST) / 64] |=
				(uint64_t)(s[at] == contexts.list[number].best)
				<< (at - FIRST) % 64;
		last = tuple;
	}
	before->full_at = full_at;
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

static int run_models(const struct vrng_samples *samples, unsigned int models,
		      struct before *before, uint64_t *right[MODELS])
{
	const size_t words = samples->len / 64 + 1;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < models && !ret; i++) {
		right[i] = calloc(words, sizeof(*right[i]));
		if (!right[i])
			ret = -ENOMEM;
		else if (samples->width == 1)
			ret = model_bits(samples, i + 1, right[i]);
		else
			ret = model_bytes(samples, i + 1, before, right[i]);
	}
	return ret;
}

int vrng_estimate_multi_mmc_of(const struct vrng_samples *samples,
			       unsigned int models,
			       struct vrng_estimate *estimate)
{
	const size_t words = samples->len / 64 + 1;
	struct before before = { .full_at = SIZE_MAX };
	uint64_t *right[MODELS] = { NULL };
	unsigned int i;
	int ret = -ENOMEM;

	if (samples->len <= FIRST)
		return 0;
	before.known = malloc(words * sizeof(*before.known));
	if (before.known) {
		/* The empty context is always known. */
		memset(before.known, 0xff, words * sizeof(*before.known));
		ret = run_models(samples, models, &before, right);
	}
	if (!ret)
		run_scoreboard(samples, right, models, estimate);
	for (i = 0; i < models; i++)
		free(right[i]);
	free(before.known);
	return ret;
}

int vrng_estimate_multi_mmc(const struct vrng_samples *samples,
			    struct vrng_estimate *estimate)
{
	return vrng_estimate_multi_mmc_of(samples, MODELS, estimate);
}
