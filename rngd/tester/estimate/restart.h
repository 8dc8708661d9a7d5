/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The restart tests of SP 800-90B, 3.1.4: a source is started 1,000 times, and
 * 1,000 samples are taken after each start. Rows are the restarts. The claim
 * must hold along rows and along columns.
 */
#ifndef RNGD_TESTER_ESTIMATE_RESTART_H
#define RNGD_TESTER_ESTIMATE_RESTART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrng/estimate.h"

#define VRNG_RESTARTS	     1000u
#define VRNG_RESTART_SAMPLES ((size_t)VRNG_RESTARTS * VRNG_RESTARTS)

struct vrng_restart {
	double h_initial; /* H_I, the claim */
	unsigned int cutoff; /* the most that a value may come in a row */
	unsigned int most_in_row; /* the most that one value came */
	unsigned int most_in_column;
	bool sane; /* section 3.1.4.3: neither is above the cutoff */
	struct vrng_assessment rows; /* of the samples only, not their bits */
	struct vrng_assessment columns;
	double h_rows;
	double h_columns;
	bool valid; /* sane, and both are h_initial / 2 or more */
	double entropy; /* min(h_rows, h_columns, h_initial), 0 if not valid */
};

/*
 * Test VRNG_RESTART_SAMPLES samples of @width bits, row by row, one in each
 * byte. Returns 0; -EINVAL for a sample of more bits; -EDOM unless 0 < @h <=
 * log2 of the number of different values; or -ENOMEM.
 */
int vrng_restart_test(const uint8_t *samples, unsigned int width, double h,
		      unsigned int threads, struct vrng_restart *result);

/*
 * The sanity check's cutoff for @h bits a sample: the least count that the most
 * common of 1,000 samples exceeds with a probability below alpha, where 2,000
 * rows and columns exceed it with 0.01. The samples have as many values of
 * probability 2^-@h as there can be, and one more with the rest. Computed
 * exactly; NIST's program simulates it. 0 if memory is short.
 */
unsigned int vrng_restart_cutoff(double h);

/* Transpose the matrix: rows become columns. */
void vrng_restart_transpose(const uint8_t *samples, uint8_t *columns);

#endif
