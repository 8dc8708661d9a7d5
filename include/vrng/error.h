/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reason of a failure, in one line that tells its reader what to do.
 *
 * A function that fails for a reason that its caller cannot know takes a struct
 * vrng_error, fills it in on failure and returns a negative errno. The caller
 * prints the text. Code below main() neither prints nor exits.
 */
#ifndef VRNG_ERROR_H
#define VRNG_ERROR_H

#include <stddef.h>

struct vrng_error {
	char text[256]; /* NUL-terminated, printable, no newline; may be cut */
};

/*
 * Fill @error (may be NULL) with printf-like text and return -@err, so that a
 * failure is one statement: return vrng_fail(error, EINVAL, "..."). In @fmt, %m
 * is the text of @err, a positive errno.
 */
int vrng_fail(struct vrng_error *error, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
