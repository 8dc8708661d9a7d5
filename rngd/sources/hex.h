/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes written as hexadecimal digits, two each, of either case. */
#ifndef RNGD_SOURCES_HEX_H
#define RNGD_SOURCES_HEX_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Read @text into at most @max bytes. Their number, or -EINVAL for another
 * character, an odd digit, or more than @max.
 */
ssize_t vrng_hex(unsigned char *bytes, size_t max, const char *text);

#endif
