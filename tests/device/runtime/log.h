/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where log lines go. Nothing below main() prints on its own: it is handed one
 * of these, and main() or a test decides what becomes of the text.
 */
#ifndef DEVICE_RUNTIME_LOG_H
#define DEVICE_RUNTIME_LOG_H

struct log {
	/* @text: one line, NUL-terminated, no newline, gone after the call */
	void (*line)(void *opaque, const char *text);
	void *opaque;
};

/* Longer text is cut. @s, or its @line, may be NULL: then nobody listens. */
void log_line(const struct log *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
