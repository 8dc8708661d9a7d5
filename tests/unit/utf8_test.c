// SPDX-License-Identifier: GPL-2.0-or-later
/* Pieces of text, against a decoder that follows RFC 3629 step by step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "rngd/base/utf8.h"

/* The bytes of the character at @byte; 0: there is none. */
static size_t decoded(const unsigned char *byte)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = *byte < 0x80 ? 1 :
		     *byte < 0xc0 ? 0 :
		     *byte < 0xe0 ? 2 :
		     *byte < 0xf0 ? 3 :
		     *byte < 0xf8 ? 4 :
				    0;
	uint32_t code = len == 1 ? *byte : *byte & (0x7fu >> len);
	size_t i;

	for (i = 1; i < len; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (byte[i] & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff || code >> 11 == 0xd800 >> 11)
		return 0;
	return len;
}

static void check_piece(const unsigned char *text)
{
	const size_t want = decoded(text);
	char piece[VRNG_UTF8_PIECE], escaped[VRNG_UTF8_PIECE];
	size_t got = vrng_utf8_piece(piece, (const char *)text);

	(void)snprintf(escaped, sizeof(escaped), "\\x%02x", *text);
	if (got == (want ? want : 1) &&
	    (want ? !memcmp(piece, text, want) && !piece[want] :
		    !strcmp(piece, escaped)))
		return;
	fail_msg("%02x %02x %02x %02x: %zu bytes, want %zu", text[0], text[1],
		 text[2], text[3], got, want);
}

/* The ends of the ranges that the standard's table has, and zero. */
static void characters_are_told_from_other_bytes(void **unused)
{
	static const unsigned char ends[] = { 0,    1,	  0x7f, 0x80, 0x8f,
					      0x90, 0x9f, 0xa0, 0xbf, 0xc0,
					      0xc1, 0xef, 0xf0, 0xff };
	unsigned char text[5] = { 0 };
	unsigned int first, second;
	size_t i, j;

	(void)unused;
	for (first = 1; first < 256; first++)
		for (second = 0; second < 256; second++)
			for (i = 0; i < sizeof(ends); i++)
				for (j = 0; j < sizeof(ends); j++) {
					text[0] = (unsigned char)first;
					text[1] = (unsigned char)second;
					text[2] = ends[i];
					text[3] = ends[j];
					check_piece(text);
				}
}

static void pieces_that_print_the_same_are_the_same(void **unused)
{
	(void)unused;
	assert_true(vrng_utf8_is_same("", ""));
	assert_true(vrng_utf8_is_same("a\xc3\xa9", "a\xc3\xa9"));
	assert_true(vrng_utf8_is_same("a\xff", "a\\xff"));
	assert_true(vrng_utf8_is_same("\xc3", "\\xc3"));
	assert_false(vrng_utf8_is_same("a", "ab"));
	assert_false(vrng_utf8_is_same("ab", "a"));
	assert_false(vrng_utf8_is_same("a\xff", "a\xfe"));
	assert_false(vrng_utf8_is_same("\\xff", "\\xfe"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_are_told_from_other_bytes),
		cmocka_unit_test(pieces_that_print_the_same_are_the_same),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
