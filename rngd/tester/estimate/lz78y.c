// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SP 800-90B, 6.3.10: the LZ78Y prediction estimate. A dictionary counts what
 * followed the tuples of 1 to 16 samples. Of the tuples that end at the current
 * place, the prediction is the follower with the highest count; at a tie, that
 * of the longest tuple, and then the greatest value.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "rngd/tester/estimate/contexts.h"
#include "rngd/tester/estimate/predict.h"

#define LONGEST	   16 /* B */
#define MAX_TUPLES 65536u /* in the dictionary, of all lengths together */

/* The first sample that is predicted is s[B + 1], the standard's i = B + 2. */

/* Collects predictions one by one; they are recorded 64 at a time. */
struct record {
	struct vrng_hits hits;
	uint64_t mask;
	unsigned int count;
};

static void record_flush(struct record *record)
{
	if (record->count)
		vrng_hits_add(&record->hits, record->mask, record->count);
	record->mask = 0;
	record->count = 0;
}

static void record_add(struct record *record, bool right)
{
	record->mask |= (uint64_t)right << record->count;
	if (++record->count == 64)
		record_flush(record);
}

/* ------------------------------------------------------------------ bits */

/*
 * A tuple's index is its bits with a one before them, so that each length has
 * its own indices. A tuple with two zero counts is not in the dictionary: a
 * tuple is counted as soon as it is added.
 */
struct bit_dictionary {
	unsigned int longest;
	uint32_t counts[2u << LONGEST][2];
	uint32_t tuples;
};

static uint32_t place(uint32_t last, unsigned int len)
{
	return 1u << len | (last & ((1u << len) - 1));
}

/* Count that @next followed the bits in @last. */
static void learn_bit(struct bit_dictionary *dictionary, uint32_t last,
		      unsigned int next)
{
	unsigned int len;
	uint32_t *counts;

	for (len = dictionary->longest; len; len--) {
		counts = dictionary->counts[place(last, len)];
		if (!(counts[0] | counts[1])) {
			if (dictionary->tuples == MAX_TUPLES)
				continue;
			dictionary->tuples++;
		}
		counts[next]++;
	}
}

/* Returns 0 or 1, or 2 for no prediction. */
static unsigned int predict_bit(const struct bit_dictionary *dictionary,
				uint32_t last)
{
	unsigned int prediction = 2, len, best;
	const uint32_t *counts;
	uint32_t most = 0;

	for (len = dictionary->longest; len; len--) {
		counts = dictionary->counts[place(last, len)];
		best = counts[1] >= counts[0];
		if (counts[best] > most) {
			most = counts[best];
			prediction = best;
		}
	}
	return prediction;
}

/*
 * From now on the last bit alone decides. A tuple never comes more often than the
 * one that it ends with, if that is in the dictionary. Here all of two bits are,
 * and each follower came less often after two bits than after the last of them.
 * Whatever is counted after the two is counted after the one, too.
 */
static bool is_settled(const struct bit_dictionary *dictionary)
{
	const uint32_t *two, *one;
	uint32_t last;

	if (dictionary->longest < 2)
		return false;
	for (last = 0; last < 4; last++) {
		two = dictionary->counts[place(last, 2)];
		one = dictionary->counts[place(last, 1)];
		if (!(two[0] | two[1]) || two[0] >= one[0] || two[1] >= one[1])
			return false;
	}
	return true;
}

/* Of a settled dictionary, from bit @at on. */
static void of_last_bit(const struct vrng_samples *bits, size_t at,
			struct bit_dictionary *dictionary,
			struct record *record)
{
	uint32_t *counts;

	for (; at < bits->len; at++) {
		counts = dictionary->counts[place(bits->s[at - 2], 1)];
		counts[bits->s[at - 1]]++;
		counts = dictionary->counts[place(bits->s[at - 1], 1)];
		record_add(record, (counts[1] >= counts[0]) == bits->s[at]);
	}
}

#define LOOK_AGAIN 64 /* bits until it is asked again if all is settled */

static int of_bits(const struct vrng_samples *bits, unsigned int longest,
		   struct record *record)
{
	struct bit_dictionary *dictionary = calloc(1, sizeof(*dictionary));
	uint32_t last = 0;
	size_t at;

	if (!dictionary)
		return -ENOMEM;
	dictionary->longest = longest;
	for (at = 0; at < longest; at++)
		last = last << 1 | bits->s[at];
	for (at = longest + 1; at < bits->len; at++) {
		if (at % LOOK_AGAIN == 0 && is_settled(dictionary)) {
			of_last_bit(bits, at, dictionary, record);
			break;
		}
		learn_bit(dictionary, last, bits->s[at - 1]);
		last = last << 1 | bits->s[at - 1];
		record_add(record,
			   predict_bit(dictionary, last) == bits->s[at]);
	}
	free(dictionary);
	return 0;
}

/* ----------------------------------------------------------------- bytes */

/*
 * A tuple is in the dictionary only if the shorter one that it ends with is, so a
 * look-up ends at the first that is not. There is one exception: the longest are
 * added first, and the dictionary may have become full in between.
 */
struct dictionary {
	unsigned int longest;
	struct vrng_contexts contexts[LONGEST]; /* [length - 1] */
	uint32_t numbers[LONGEST]; /* of the contexts that end here */
	unsigned int known; /* numbers that are set; none is beyond */
	uint32_t tuples; /* of all lengths */
	struct vrng_tuple broken; /* the exception */
	bool is_broken;
};

static bool is_full(const struct dictionary *dictionary)
{
	return dictionary->tuples == MAX_TUPLES;
}

/* Count that @next followed @tuple, the one of dictionary->numbers. */
static int learn(struct dictionary *dictionary, const struct vrng_tuple *tuple,
		 uint8_t next)
{
	const bool was_full = is_full(dictionary);
	uint32_t *number;
	unsigned int i;
	int ret;

	for (i = dictionary->known; i-- > 0;) {
		number = &dictionary->numbers[i];
		if (*number == VRNG_NO_CONTEXT) {
			if (is_full(dictionary)) {
				dictionary->is_broken |= !was_full;
				continue;
			}
			ret = vrng_contexts_add(&dictionary->contexts[i], tuple,
						number);
			if (ret)
				return ret;
			dictionary->tuples++;
		}
		ret = vrng_contexts_count(&dictionary->contexts[i], *number,
					  next, true);
		if (ret < 0)
			return ret;
	}
	if (!was_full)
		dictionary->broken = *tuple;
	return 0;
}

static bool ends_alike(const struct vrng_tuple *a, const struct vrng_tuple *b)
{
	return ((a->lo ^ b->lo) & 0xff) == 0;
}

static void look_up(struct dictionary *dictionary,
		    const struct vrng_tuple *tuple)
{
	const bool to_the_end = !is_full(dictionary) ||
				(dictionary->is_broken &&
				 ends_alike(tuple, &dictionary->broken));
	unsigned int i;

	for (i = 0; i < dictionary->longest; i++) {
		dictionary->numbers[i] =
			vrng_contexts_find(&dictionary->contexts[i], tuple);
		if (!to_the_end && dictionary->numbers[i] == VRNG_NO_CONTEXT)
			break;
	}
	dictionary->known = i;
}

/* Returns a value, or -1 for no prediction. */
static int predict(const struct dictionary *dictionary)
{
	const struct vrng_context *context;
	int prediction = -1;
	uint32_t most = 0;
	unsigned int i;

	for (i = dictionary->known; i-- > 0;) {
		if (dictionary->numbers[i] == VRNG_NO_CONTEXT)
			continue;
		context = &dictionary->contexts[i].list[dictionary->numbers[i]];
		if (context->best_count > most) {
			most = context->best_count;
			prediction = context->best;
		}
	}
	return prediction;
}

static int run(struct dictionary *dictionary,
	       const struct vrng_samples *samples, struct record *record)
{
	struct vrng_tuple tuple = { 0 };
	const uint8_t *s = samples->s;
	size_t at;
	int ret;

	for (at = 0; at < dictionary->longest; at++)
		vrng_tuple_push(&tuple, s[at]);
	look_up(dictionary, &tuple);
	for (at = dictionary->longest + 1; at < samples->len; at++) {
		ret = learn(dictionary, &tuple, s[at - 1]);
		if (ret)
			return ret;
		vrng_tuple_push(&tuple, s[at - 1]);
		look_up(dictionary, &tuple);
		record_add(record, predict(dictionary) == s[at]);
	}
	return 0;
}

static int of_bytes(const struct vrng_samples *samples, unsigned int longest,
		    struct record *record)
{
	struct dictionary *dictionary = calloc(1, sizeof(*dictionary));
	unsigned int i;
	int ret = 0;

	if (!dictionary)
		return -ENOMEM;
	dictionary->longest = longest;
	for (i = 0; i < longest && !ret; i++)
		ret = vrng_contexts_init(&dictionary->contexts[i], i + 1);
	if (!ret)
		ret = run(dictionary, samples, record);
	for (i = 0; i < longest; i++)
		vrng_contexts_free(&dictionary->contexts[i]);
	free(dictionary);
	return ret;
}

int vrng_estimate_lz78y_of(const struct vrng_samples *samples,
			   unsigned int longest, struct vrng_estimate *estimate)
{
	struct record record = { 0 };
	int ret;

	if (samples->len <= longest + 1)
		return 0;
	ret = samples->width == 1 ? of_bits(samples, longest, &record) :
				    of_bytes(samples, longest, &record);
	if (ret)
		return ret;
	record_flush(&record);
	vrng_hits_estimate(&record.hits, samples->symbols, estimate);
	return 0;
}

int vrng_estimate_lz78y(const struct vrng_samples *samples,
			struct vrng_estimate *estimate)
{
	return vrng_estimate_lz78y_of(samples, LONGEST, estimate);
}
