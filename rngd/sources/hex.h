/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes as hexadecimal digits of either case, two each. */
#ifndef RNGD_SOURCES_HEX_H
#define RNGD_SOURCES_HEX_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Convert @text to bytes. Returns their number, or -EINVAL for another
 * character, an odd number of digits, or more than @max bytes.
 */
ssize_t vrng_hex(unsigned char *bytes, size_t max, const char *text);

#endif
