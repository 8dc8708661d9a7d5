/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mark, in bits, below which the kernel's pool asks for entropy:
 * write_wakeup_threshold of random(4).
 */
#ifndef RNGD_SINKS_WATERMARK_H
#define RNGD_SINKS_WATERMARK_H

#include <stdbool.h>

#include "vrng/opener.h"

/* The file that holds it. */
#define VRNG_WATERMARK_PATH "/proc/sys/kernel/random/write_wakeup_threshold"

/* False where the pool has 256 bits (since 5.18): it takes a mark, and ignores it. */
bool vrng_watermark_is_used(const struct vrng_opener *opener);

/*
 * Set it to @n bits, or percent of the pool; 0 leaves it as it is. -EOPNOTSUPP where
 * it is not used. Otherwise 0, or the errno of opening or writing the file.
 */
int vrng_watermark_set(const struct vrng_opener *opener, unsigned int n,
		       bool percent);

#endif
