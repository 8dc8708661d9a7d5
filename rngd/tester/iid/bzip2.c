// SPDX-License-Identifier: GPL-2.0-or-later
/* Compressed lengths: see bzip2.h. */
#include <bzlib.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/iid/bzip2.h"
#include "rngd/tester/iid/column.h"

/* A block ends with the run that makes it as long as this, or longer. */
static unsigned int block_size(const struct vrng_bzip2 *bzip2)
{
	return 100000 * bzip2->level - 19;
}

/* The longest block: up to three equal characters end it, and three more end all. */
static unsigned int block_max(const struct vrng_bzip2 *bzip2)
{
	return block_size(bzip2) + 6;
}

/* Two magic numbers, the level, and two check sums. */
#define STREAM_BITS (32 + 48 + 32)

int vrng_bzip2_init(struct vrng_bzip2 *bzip2, unsigned int level,
		    size_t samples, const bool seen[256],
		    const uint8_t values[256])
{
	const size_t text = samples * VRNG_WORD_MAX;
	size_t words;
	int ret, status;

	*bzip2 = (struct vrng_bzip2){ .level = level, .samples = samples };
	/* No word has less than two characters. */
	words = block_max(bzip2) / 2 + 1;
	vrng_words_init(&bzip2->words, seen, values);
	ret = vrng_rotations_init(&bzip2->rotations,
				  samples + 1 < words ? samples + 1 : words);
	status = vrng_coding_init(&bzip2->coding, block_max(bzip2));
	bzip2->column = malloc(block_max(bzip2) + 1);
	bzip2->text = malloc(text);
	bzip2->packed_room = (unsigned int)(text / 99 * 100 + 700);
	bzip2->packed = malloc(bzip2->packed_room);
	if (!bzip2->column || !bzip2->text || !bzip2->packed)
		return -ENOMEM;
	return ret ? ret : status;
}

static void wipe(void *bytes, size_t len)
{
	if (bytes)
		explicit_bzero(bytes, len);
	free(bytes);
}

void vrng_bzip2_free(struct vrng_bzip2 *bzip2)
{
	vrng_rotations_free(&bzip2->rotations);
	vrng_coding_free(&bzip2->coding);
	wipe(bzip2->column, block_max(bzip2) + 1);
	wipe(bzip2->text, bzip2->samples * VRNG_WORD_MAX);
	wipe(bzip2->packed, bzip2->packed_room);
}

/* -------------------------------------------------------------------- blocks */

/* A character of the text. */
struct place {
	size_t word;
	unsigned int at; /* character of the word */
};

static const struct vrng_word *word_at(const struct vrng_bzip2 *bzip2,
				       const uint8_t *samples, size_t i)
{
	return &bzip2->words.list[bzip2->words.codes[samples[i]]];
}

/*
 * Returns the end of the block that begins at @begin, which is the end of the
 * text if no more than a character is left: the last space is none.
 */
static struct place find_end(const struct vrng_bzip2 *bzip2,
			     const uint8_t *samples, struct place begin)
{
	const size_t last = bzip2->samples - 1;
	const struct vrng_word *word = word_at(bzip2, samples, last);
	const struct place end = { last, word->len - 1 };
	unsigned int left = block_size(bzip2) + begin.at;
	size_t i;

	for (i = begin.word; i <= last; i++) {
		word = word_at(bzip2, samples, i);
		if (left < word->len)
			break;
		left -= word->len;
	}
	/* A run of equal characters is not divided. */
	while (i <= last && left &&
	       vrng_word_char(word, left) == vrng_word_char(word, left - 1))
		left++;
	if (i > last || (i == last && left + 1 >= end.at))
		return end;
	return (struct place){ i, left };
}

/* The block from @begin to @end. Returns its characters. */
static size_t make_block(const struct vrng_bzip2 *bzip2, const uint8_t *samples,
			 struct place begin, struct place end,
			 struct vrng_block *block)
{
	struct vrng_word *seam = &block->seam;
	const struct vrng_word *word;
	size_t first = begin.word, chars = 0, i;

	*block = (struct vrng_block){ .words = &bzip2->words };
	if (end.at) {
		word = word_at(bzip2, samples, end.word);
		seam->len = end.at;
		seam->text = word->text & ~0ULL << (64 - 8 * end.at);
	}
	if (begin.at || end.at) {
		word = word_at(bzip2, samples, first++);
		seam->text |= vrng_word_tail(word, begin.at) >> 8 * seam->len;
		seam->len += word->len - begin.at;
	}
	block->samples = samples + first;
	block->count = end.word - first;
	for (i = first; i < end.word; i++)
		chars += word_at(bzip2, samples, i)->len;
	return chars + seam->len;
}

size_t vrng_bzip2_compute(struct vrng_bzip2 *bzip2, const uint8_t *samples)
{
	const size_t last = bzip2->samples - 1;
	struct place begin = { 0, 0 }, end;
	size_t bits = STREAM_BITS, len;
	struct vrng_block block;
	unsigned int chars;

	do {
		end = find_end(bzip2, samples, begin);
		if (end.word <= begin.word)
			return 0;
		len = make_block(bzip2, samples, begin, end, &block);
		if (!vrng_rotations_sort(&bzip2->rotations, &block))
			return 0;
		chars = vrng_column_fill(&block, len, bzip2->rotations.order,
					 bzip2->column);
		bits += vrng_coding_bits(&bzip2->coding, bzip2->column, len,
					 chars);
		begin = end;
	} while (end.word != last ||
		 end.at + 1 != word_at(bzip2, samples, last)->len);
	return (bits + 7) / 8;
}

/* -------------------------------------------------------------------- libbz2 */

size_t vrng_bzip2_compress(struct vrng_bzip2 *bzip2, const uint8_t *samples)
{
	const struct vrng_word *word;
	unsigned int len = bzip2->packed_room, at;
	char *text = bzip2->text;
	size_t i;

	for (i = 0; i < bzip2->samples; i++) {
		word = word_at(bzip2, samples, i);
		for (at = 0; at < word->len; at++)
			*text++ = (char)vrng_word_char(word, at);
	}
	text--; /* no space at the end */
	if (BZ2_bzBuffToBuffCompress(bzip2->packed, &len, bzip2->text,
				     (unsigned int)(text - bzip2->text),
				     (int)bzip2->level, 0, 0) != BZ_OK)
		return 0;
	return len;
}

size_t vrng_bzip2_length(struct vrng_bzip2 *bzip2, const uint8_t *samples)
{
	const size_t len = vrng_bzip2_compute(bzip2, samples);

	return len ? len : vrng_bzip2_compress(bzip2, samples);
}
