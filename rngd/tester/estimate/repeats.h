/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts, for every length, the tuples of a string that occur more than once:
 * the input of the t-tuple and LRS estimates (SP 800-90B, 6.3.5 and 6.3.6). A
 * suffix array bounds the time for strings that repeat over their whole length.
 *
 * Used by one thread at a time.
 */
#ifndef RNGD_TESTER_ESTIMATE_REPEATS_H
#define RNGD_TESTER_ESTIMATE_REPEATS_H

#include "rngd/tester/estimate/estimator.h"

/* 6.3.5, step 1, and 6.3.6, step 1: the count that separates the estimates. */
#define VRNG_TUPLE_CUTOFF 35

struct vrng_repeats {
	size_t len; /* of the string */
	size_t longest; /* v: length of the longest tuple that repeats, or 0 */
	/* Indexed by length, 1 to longest: */
	uint32_t *most; /* Q: occurrences of the most common tuple */
	uint64_t *pairs; /* pairs of equal tuples */
};

/*
 * Count the tuples of @s. The string is needed only during the call. 0 or
 * -ENOMEM; the caller frees in either case.
 */
int vrng_repeats_find(struct vrng_repeats *repeats, const uint8_t *s,
		      size_t len);
void vrng_repeats_free(struct vrng_repeats *repeats);

/* The estimates. @cutoff is VRNG_TUPLE_CUTOFF, except in worked examples. */
void vrng_estimate_t_tuple(const struct vrng_repeats *repeats, uint32_t cutoff,
			   struct vrng_estimate *estimate);
void vrng_estimate_lrs(const struct vrng_repeats *repeats, uint32_t cutoff,
		       struct vrng_estimate *estimate);

#endif
