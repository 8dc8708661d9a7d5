// SPDX-License-Identifier: GPL-2.0-or-later
/* Why something failed: see include/vrng/error.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "vrng/error.h"

/* A path may hold any byte; a message stays one line on any terminal. */
static void make_printable(char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == 0x7f)
			*text = '?';
	}
}

/* errno is @err while @fmt is expanded, so that %m says what @err means. */
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
