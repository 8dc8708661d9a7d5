/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a source's owner claims for it: bits of entropy per byte, written as a
 * decimal number ("8", "0.5", "7.997"), kept in thousandths.
 */
#ifndef RNGD_SOURCES_ENTROPY_H
#define RNGD_SOURCES_ENTROPY_H

#include "vrng/error.h"

#define VRNG_ENTROPY_MAX 8000 /* thousandths of a bit: all eight of a byte */

/*
 * Read @text into @*entropy, 1 to VRNG_ENTROPY_MAX. -EINVAL for anything else,
 * more than three places included; @error names @kind.
 */
int vrng_entropy(unsigned int *entropy, const char *kind, const char *text,
		 struct vrng_error *error);

#endif
