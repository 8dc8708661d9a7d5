/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why something failed, in one line that a person can act on.
 *
 * A function that can fail for reasons its caller cannot know takes a struct
 * vrng_error, fills it on failure and returns a negative errno; the caller adds
 * the object and prints it. Nothing below main() prints or exits on its own.
 */
#ifndef VRNG_ERROR_H
#define VRNG_ERROR_H

#include <stddef.h>

struct vrng_error {
	char text[256]; /* NUL-terminated, no newline */
};

/*
 * Fill @error (may be NULL) with printf-like text and return -@err, so that a
 * refusal is one statement: return vrng_error(why, EINVAL, "...").
 */
int vrng_fail(struct vrng_error *error, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
