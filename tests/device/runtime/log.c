// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>

#include "tests/device/runtime/log.h"

void log_line(const struct log *s, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (!s || !s->line)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s->line(s->opaque, text);
}
