/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The entropy of the output of a conditioning component (SP 800-90B, 3.1.5).
 * Pure functions.
 */
#ifndef RNGD_TESTER_ESTIMATE_CONDITIONING_H
#define RNGD_TESTER_ESTIMATE_CONDITIONING_H

#include <stdbool.h>
#include <stdint.h>

/* The most bits of input and output. */
#define VRNG_CONDITIONING_BITS 1000000u

struct vrng_conditioning {
	uint32_t n_in; /* bits of input */
	uint32_t n_out; /* bits of output */
	uint32_t nw; /* bits of the narrowest place within, at most n_in */
	double h_in; /* bits of entropy in the input: 0 < h_in <= n_in */
	bool vetted;
	/* Of a component that is not vetted: bits a bit of its output. */
	double h_prime;

	/* Results: */
	double output_entropy; /* section 3.1.5.1.2 */
	/*
	 * -log2 of how much the output lacks of n_out, as a part of n_out;
	 * infinite if that is less than 2^-1000.
	 */
	double epsilon;
	double h_out; /* what may be claimed */
};

/* Fill in the results from what the caller has set. */
void vrng_conditioning_find(struct vrng_conditioning *c);

#endif
