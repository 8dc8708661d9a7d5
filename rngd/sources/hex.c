// SPDX-License-Identifier: GPL-2.0-or-later
/* Hexadecimal digits to bytes: see hex.h. */
#include <errno.h>

#include "rngd/sources/hex.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

ssize_t vrng_hex(unsigned char *bytes, size_t max, const char *text)
{
	size_t n;

	for (n = 0; text[0]; n++, text += 2) {
		int high = digit(text[0]);
		int low = digit(text[1]);

		if (n == max || high < 0 || low < 0)
			return -EINVAL;
		bytes[n] = (unsigned char)(high << 4 | low);
	}
	return (ssize_t)n;
}
