// SPDX-License-Identifier: GPL-2.0-or-later
/* Bits of entropy per byte, as text: see entropy.h. */
#include <errno.h>
#include <stdbool.h>

#include "rngd/sources/entropy.h"

#define PLACES 3 /* decimal places */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Convert one digit, and a point with one to three digits after it, to
 * thousandths. Returns the rest of @text. *@value stays as it is if there is no
 * digit.
 */
static const char *digits(const char *text, unsigned int *value)
{
	int places = 0;

	if (!is_digit(*text))
		return text;
	*value = (unsigned int)(*text++ - '0');
	if (*text == '.' && is_digit(text[1]))
		for (text++; places < PLACES && is_digit(*text); places++)
			*value = *value * 10 + (unsigned int)(*text++ - '0');
	for (; places < PLACES; places++)
		*value *= 10;
	return text;
}

int vrng_entropy(unsigned int *entropy, const char *kind, const char *text,
		 struct vrng_error *error)
{
	unsigned int value = 0;

	if (*digits(text, &value) || !value || value > VRNG_ENTROPY_MAX)
		return vrng_fail(error, EINVAL,
				 "source \"%s\": entropy=%.16s is not a number "
				 "from 0.001 to 8, the bits in each byte",
				 kind, text);
	*entropy = value;
	return 0;
}
