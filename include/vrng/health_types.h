/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the continuous health tests of health.h share: their limits and state.
 */
#ifndef VRNG_HEALTH_TYPES_H
#define VRNG_HEALTH_TYPES_H

#ifdef __KERNEL__
#include <linux/string.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#endif

/* H = 1 bit a byte, alpha = 2^-30 */
#define VRNG_RCT_CUTOFF 31u
#define VRNG_APT_WINDOW 512u
#define VRNG_APT_CUTOFF 325u

#define VRNG_APT_WINDOW_BITS 1024u /* of samples of 1 bit */
#define VRNG_HEALTH_GOOD     1024u

/* So that limits which the compiler knows cost nothing. */
#define VRNG_HEALTH_INLINE static inline __attribute__((always_inline))

enum vrng_health_test {
	VRNG_HEALTH_NONE,
	VRNG_HEALTH_RCT,
	VRNG_HEALTH_APT,
};

/* What a stream is held against. */
struct vrng_health_limits {
	unsigned int width; /* bits a sample: 8 or 1 */
	uint32_t rct; /* C: 2 or more */
	uint32_t apt; /* C: 2 to window; window + 1: nothing can fail */
	uint32_t window; /* W */
};

/* All zeros is the state before the first sample. */
struct vrng_health {
	uint32_t run; /* RCT: how often last came in a row, 0 at the start */
	uint32_t seen; /* APT: samples of the window so far, 0 at its start */
	uint32_t same; /* APT: those equal to first, itself included */
	uint32_t good; /* samples passed since the last failure, while bad */
	uint8_t last;
	uint8_t first;
	bool bad; /* the stream is to be withheld */
	uint64_t episodes; /* how often it turned bad */
	enum vrng_health_test failed; /* the test that did it last */
};

#endif
