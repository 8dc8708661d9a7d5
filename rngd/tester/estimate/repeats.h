/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which tuples of a string come again, of every length: what the t-tuple and
 * LRS estimates count. Found from a suffix array, so that strings which repeat
 * over all their length cost no more than others.
 */
#ifndef RNGD_TESTER_ESTIMATE_REPEATS_H
#define RNGD_TESTER_ESTIMATE_REPEATS_H

#include "rngd/tester/estimate/estimator.h"

/* The standard's bound between what the two estimates look at. */
#define VRNG_TUPLE_CUTOFF 35

struct vrng_repeats {
	size_t len; /* of the string */
	size_t longest; /* v: some tuple of this length comes twice, or 0 */
	/* Indexed by length, 1 to longest: */
	uint32_t *most; /* Q: how often the commonest tuple comes */
	uint64_t *pairs; /* pairs of places with the same tuple */
};

/* 0 or -ENOMEM; to be freed in either case. */
int vrng_repeats_find(struct vrng_repeats *repeats, const uint8_t *s,
		      size_t len);
void vrng_repeats_free(struct vrng_repeats *repeats);

/* The two estimates; @cutoff is VRNG_TUPLE_CUTOFF but in worked examples. */
void vrng_estimate_t_tuple(const struct vrng_repeats *repeats, uint32_t cutoff,
			   struct vrng_estimate *estimate);
void vrng_estimate_lrs(const struct vrng_repeats *repeats, uint32_t cutoff,
		       struct vrng_estimate *estimate);

#endif
