// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "rngd/base/array.h"
#include "rngd/base/utf8.h"

/* Table 3-7 of the Unicode standard: the well-formed sequences. */
static const struct {
	unsigned char first_low, first_high; /* range of the first byte */
	unsigned char second_low, second_high;
	unsigned char length; /* bytes that follow the second are 0x80 to 0xbf */
} sequences[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

static bool is_within(unsigned char byte, unsigned char low, unsigned char high)
{
	return byte >= low && byte <= high;
}

/* The final zero of @text continues nothing, so the loop ends there. */
static bool continues(const unsigned char *text, size_t i)
{
	size_t n;

	if (!is_within(text[1], sequences[i].second_low,
		       sequences[i].second_high))
		return false;
	for (n = 2; n < sequences[i].length; n++)
		if (!is_within(text[n], 0x80, 0xbf))
			return false;
	return true;
}

/* The length of the character that @text begins with; 0: it is none. */
static size_t character(const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;
	size_t i;

	if (*byte < 0x80)
		return 1;
	for (i = 0; i < VRNG_LENGTH(sequences); i++)
		if (is_within(*byte, sequences[i].first_low,
			      sequences[i].first_high))
			return continues(byte, i) ? sequences[i].length : 0;
	return 0;
}

size_t vrng_utf8_piece(char piece[VRNG_UTF8_PIECE], const char *text)
{
	const size_t length = character(text);

	if (length) {
		memcpy(piece, text, length);
		piece[length] = '\0';
		return length;
	}
	(void)snprintf(piece, VRNG_UTF8_PIECE, "\\x%02x",
		       (unsigned int)(unsigned char)*text);
	return 1;
}

/* The bytes of all pieces of a text, one after the other. */
struct reader {
	const char *text;
	char piece[VRNG_UTF8_PIECE];
	const char *at; /* in @piece */
};

/* 0 at the end. */
static char next(struct reader *reader)
{
	if (!*reader->at && *reader->text) {
		reader->text += vrng_utf8_piece(reader->piece, reader->text);
		reader->at = reader->piece;
	}
	if (!*reader->at)
		return '\0';
	return *reader->at++;
}

bool vrng_utf8_is_same(const char *a, const char *b)
{
	struct reader left = { .text = a, .at = "" };
	struct reader right = { .text = b, .at = "" };
	char byte;

	do {
		byte = next(&left);
		if (next(&right) != byte)
			return false;
	} while (byte);
	return true;
}
