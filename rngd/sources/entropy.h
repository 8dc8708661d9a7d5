/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The value of entropy= in a SPEC: bits of entropy per byte, as a decimal
 * number ("8", "0.5", "7.997") with up to three places.
 */
#ifndef RNGD_SOURCES_ENTROPY_H
#define RNGD_SOURCES_ENTROPY_H

#include "vrng/error.h"

#define VRNG_ENTROPY_MAX 8000 /* 1/1000 bit per byte */

/*
 * Convert @text to *@entropy, 1 to VRNG_ENTROPY_MAX. -EINVAL for anything else,
 * with @error, which names @kind.
 */
int vrng_entropy(unsigned int *entropy, const char *kind, const char *text,
		 struct vrng_error *error);

#endif
