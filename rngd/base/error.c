// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "vrng/error.h"

/* Text may hold a path, and a path any byte. */
static void make_printable(char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == 0x7f)
			*text = '?';
	}
}

/* errno is set to @err for %m. */
int vrng_fail(struct vrng_error *error, int err, const char *fmt, ...)
{
	va_list args;

	if (!error)
		return -err;

	va_start(args, fmt);
	errno = err;
	(void)vsnprintf(error->text, sizeof(error->text), fmt, args);
	va_end(args);
	make_printable(error->text);
	return -err;
}
