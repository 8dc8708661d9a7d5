// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The last column of a block: see column.h.
 *
 * Each rotation begins with the rest of a word, of which no one begins another.
 * So rotations sort by that rest, and those with the same rest as the words after
 * it do, whose order is known: one pass in that order writes the characters
 * before each rest of the word before, each to where that rest has its place.
 */
#include <string.h>

#include "rngd/base/array.h"
#include "rngd/tester/iid/column.h"

#define PLACES (256 * VRNG_WORD_MAX + VRNG_SEAM_MAX)

/* A place for what a short word has not: beyond the column, without a next one. */
#define NOWHERE PLACES

/*
 * What a word writes: the character before each of its rests, where to, and 1 if
 * the next one goes behind it. Each word has as many, so that there is no branch.
 */
struct strokes {
	uint16_t places[VRNG_WORD_MAX];
	uint8_t chars[VRNG_WORD_MAX];
	uint8_t steps[VRNG_WORD_MAX];
};

struct page {
	struct strokes of[256]; /* by a word's code */
	struct strokes seam[VRNG_SEAM_MAX / VRNG_WORD_MAX];
	uint32_t counts[256]; /* of each word in the block */
	uint32_t next[PLACES + 1]; /* where the next character of a rest goes */
};

static uint8_t char_code(unsigned int c)
{
	return c == ' ' ? 0 : (uint8_t)(c - '0' + 1);
}

/* Stroke @at of a word or of the seam. Before a whole word comes a space. */
static void set_stroke(struct strokes *strokes, const struct vrng_word *word,
		       unsigned int at, unsigned int place)
{
	struct strokes *of = &strokes[at / VRNG_WORD_MAX];
	const unsigned int i = at % VRNG_WORD_MAX;

	of->places[i] = (uint16_t)place;
	of->chars[i] = char_code(at ? vrng_word_char(word, at - 1) : ' ');
	of->steps[i] = 1;
}

static void no_strokes(struct strokes *strokes, unsigned int count)
{
	unsigned int i;

	memset(strokes, 0, count * sizeof(*strokes));
	for (i = 0; i < count * VRNG_WORD_MAX; i++)
		strokes[i / VRNG_WORD_MAX].places[i % VRNG_WORD_MAX] = NOWHERE;
}

static unsigned int chars_of(const struct vrng_word *word)
{
	unsigned int chars = 0, at;

	for (at = 0; at < word->len; at++)
		chars |= 1u << char_code(vrng_word_char(word, at));
	return chars;
}

/* Count the words, and how often each of their rests comes. */
static unsigned int count_words(struct page *page,
				const struct vrng_block *block)
{
	const struct vrng_words *words = block->words;
	unsigned int chars = chars_of(&block->seam), code, at;
	size_t i;

	for (i = 0; i < block->count; i++)
		page->counts[words->codes[block->samples[i]]]++;
	for (code = 0; code < words->count; code++) {
		const struct vrng_word *word = &words->list[code];

		if (page->counts[code])
			chars |= chars_of(word);
		no_strokes(&page->of[code], 1);
		for (at = 0; at < word->len; at++) {
			set_stroke(&page->of[code], word, at,
				   words->tail_of[code][at]);
			page->next[words->tail_of[code][at]] +=
				page->counts[code];
		}
	}
	return chars;
}

/*
 * The rests of the seam are those of words, or come once. Fills @alone with the
 * rests of the second kind, the least first, whose places come after all others.
 * Returns how many they are.
 */
static unsigned int count_seam(struct page *page,
			       const struct vrng_block *block,
			       uint64_t alone[VRNG_SEAM_MAX])
{
	const struct vrng_words *words = block->words;
	unsigned int count = 0, at, i;

	no_strokes(page->seam, VRNG_LENGTH(page->seam));
	for (at = block->seam.len; at-- > 0;) {
		const uint64_t rest = vrng_word_tail(&block->seam, at);
		const unsigned int found = vrng_words_find_tail(words, rest);

		if (found < words->tail_count && words->tails[found] == rest) {
			set_stroke(page->seam, &block->seam, at, found);
			page->next[found]++;
			continue;
		}
		for (i = count++; i && alone[i - 1] > rest; i--)
			alone[i] = alone[i - 1];
		alone[i] = rest;
	}
	for (at = 0; at < block->seam.len; at++)
		for (i = 0; i < count; i++)
			if (alone[i] == vrng_word_tail(&block->seam, at))
				set_stroke(page->seam, &block->seam, at,
					   words->tail_count + i);
	return count;
}

/* Make begins of counts: each rest's characters come after those of lesser ones. */
static void find_places(struct page *page, const struct vrng_words *words,
			const uint64_t *alone, unsigned int count)
{
	unsigned int i, n = 0;
	uint32_t begin = 0, size;

	for (i = 0; i < words->tail_count; i++) {
		for (; n < count && alone[n] < words->tails[i]; n++)
			page->next[words->tail_count + n] = begin++;
		size = page->next[i];
		page->next[i] = begin;
		begin += size;
	}
	for (; n < count; n++)
		page->next[words->tail_count + n] = begin++;
}

static inline void write_strokes(uint8_t *column, uint32_t *next,
				 const struct strokes *strokes)
{
	unsigned int i;

	for (i = 0; i < VRNG_WORD_MAX; i++) {
		column[next[strokes->places[i]]] = strokes->chars[i];
		next[strokes->places[i]] += strokes->steps[i];
	}
}

unsigned int vrng_column_fill(const struct vrng_block *block, size_t len,
			      const uint32_t *order, uint8_t *column)
{
	const size_t count = vrng_block_words(block);
	const uint8_t *codes = block->words->codes, *samples = block->samples;
	uint64_t alone[VRNG_SEAM_MAX];
	struct page page = { .counts = { 0 } };
	unsigned int chars = count_words(&page, block), n;
	const unsigned int rests = count_seam(&page, block, alone);
	size_t i, before;

	find_places(&page, block->words, alone, rests);
	page.next[NOWHERE] = (uint32_t)len;
	for (i = 0; i < count; i++) {
		before = (order[i] ? order[i] : count) - 1;
		if (before < block->count) {
			write_strokes(column, page.next,
				      &page.of[codes[samples[before]]]);
			continue;
		}
		for (n = 0; n < VRNG_LENGTH(page.seam); n++)
			write_strokes(column, page.next, &page.seam[n]);
	}
	return chars;
}
