/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text that SP 800-90B compresses (5.1.11) is one word for each sample: its
 * decimal digits and a space. The characters of a word are the upper bytes of a
 * number, so that numbers compare as texts do. No word begins another.
 */
#ifndef RNGD_TESTER_IID_WORDS_H
#define RNGD_TESTER_IID_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#define VRNG_WORD_MAX 4u /* characters: three digits and a space */
#define VRNG_SEAM_MAX 8u /* the end of one word, and another */

struct vrng_word {
	uint64_t text;
	unsigned int len;
};

/* The words of a set of samples. */
struct vrng_words {
	unsigned int count;
	unsigned int code_bits; /* 1 to 8 */
	uint8_t codes[256]; /* by sample: its word's index */
	struct vrng_word list[256]; /* in the order of their texts */
	/* What words end with, from each of their characters on, in order. */
	unsigned int tail_count;
	uint64_t tails[256 * VRNG_WORD_MAX];
	uint16_t tail_of[256][VRNG_WORD_MAX]; /* by word and first character */
};

/* @seen tells which samples occur; sample n is written as the number values[n]. */
void vrng_words_init(struct vrng_words *words, const bool seen[256],
		     const uint8_t values[256]);

static inline unsigned int vrng_word_char(const struct vrng_word *word,
					  unsigned int at)
{
	return word->text >> (56 - 8 * at) & 0xff;
}

static inline uint64_t vrng_word_tail(const struct vrng_word *word,
				      unsigned int at)
{
	return word->text << 8 * at;
}

/* Returns the index of the first tail that is not below @text. */
unsigned int vrng_words_find_tail(const struct vrng_words *words,
				  uint64_t text);

#endif
