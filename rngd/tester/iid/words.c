// SPDX-License-Identifier: GPL-2.0-or-later
/* Samples as words: see words.h. */
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/iid/words.h"

static void add_char(struct vrng_word *word, unsigned int c)
{
	word->text |= (uint64_t)c << (56 - 8 * word->len++);
}

static struct vrng_word word_of(unsigned int value)
{
	struct vrng_word word = { 0, 0 };

	if (value >= 100)
		add_char(&word, '0' + value / 100);
	if (value >= 10)
		add_char(&word, '0' + value / 10 % 10);
	add_char(&word, '0' + value % 10);
	add_char(&word, ' ');
	return word;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The first member of a word is its text. */
static int compare_words(const void *a, const void *b)
{
	const struct vrng_word *x = a, *y = b;

	return compare(&x->text, &y->text);
}

unsigned int vrng_words_find_tail(const struct vrng_words *words, uint64_t text)
{
	unsigned int low = 0, high = words->tail_count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (words->tails[middle] < text)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void find_tails(struct vrng_words *words)
{
	const struct vrng_word *word;
	unsigned int n = 0, i, at;

	for (i = 0; i < words->count; i++)
		for (at = 0; at < words->list[i].len; at++)
			words->tails[n++] = vrng_word_tail(&words->list[i], at);
	qsort(words->tails, n, sizeof(*words->tails), compare);
	for (i = 0; i < n; i++)
		if (!i || words->tails[i] != words->tails[i - 1])
			words->tails[words->tail_count++] = words->tails[i];
	for (i = 0; i < words->count; i++) {
		word = &words->list[i];
		for (at = 0; at < word->len; at++)
			words->tail_of[i][at] = (uint16_t)vrng_words_find_tail(
				words, vrng_word_tail(word, at));
	}
}

void vrng_words_init(struct vrng_words *words, const bool seen[256],
		     const uint8_t values[256])
{
	unsigned int i, code;

	memset(words, 0, sizeof(*words));
	for (i = 0; i < 256; i++)
		if (seen[i])
			words->list[words->count++] = word_of(values[i]);
	qsort(words->list, words->count, sizeof(*words->list), compare_words);
	for (i = 0; i < 256; i++)
		for (code = 0; seen[i] && code < words->count; code++)
			if (words->list[code].text == word_of(values[i]).text)
				words->codes[i] = (uint8_t)code;
	words->code_bits = 1;
	while (words->count > 1u << words->code_bits)
		words->code_bits++;
	find_tails(words);
}
