/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits and state of the continuous health tests: see health.h. */
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

/* SP 800-90B, 4.4.1 and 4.4.2: cut-offs for H = 1 bit a byte, alpha = 2^-30. */
#define VRNG_RCT_CUTOFF 31u
#define VRNG_APT_CUTOFF 325u

/* 4.4.2: W, for samples of 8 bits and of 1 bit. */
#define VRNG_APT_WINDOW	     512u
#define VRNG_APT_WINDOW_BITS 1024u

/* 4.3: samples in a row that must pass at the start and after a failure. */
#define VRNG_HEALTH_GOOD 1024u

/* Inline always: constant limits are then folded into the code. */
#define VRNG_HEALTH_INLINE static inline __attribute__((always_inline))

enum vrng_health_test {
	VRNG_HEALTH_NONE,
	VRNG_HEALTH_RCT,
	VRNG_HEALTH_APT,
};

/* The limits that a stream is tested against. */
struct vrng_health_limits {
	unsigned int width; /* bits a sample: 8 or 1 */
	uint32_t rct; /* C: 2 or more */
	uint32_t apt; /* C: 2 to window; window + 1: the test never fails */
	uint32_t window; /* W */
};

/* All zeros is the state before the first sample, of a stream that is good. */
struct vrng_health {
	uint32_t run; /* RCT: length of the current run, 0 at the start */
	uint32_t seen; /* APT: samples of the window so far, 0 at its start */
	uint32_t same; /* APT: those equal to first, itself included */
	uint32_t good; /* while bad: samples that passed since the failure */
	uint8_t last; /* RCT: value of the current run */
	uint8_t first; /* APT: first value of the window */
	bool bad; /* the stream must not be used */
	uint64_t episodes; /* how often the stream turned bad */
	enum vrng_health_test failed; /* the test that failed last */
};

#endif
