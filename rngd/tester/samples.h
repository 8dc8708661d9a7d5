/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps the first bytes of the input, for both tracks of SP 800-90B. */
#ifndef RNGD_TESTER_SAMPLES_H
#define RNGD_TESTER_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "rngd/tester/options.h"

/* Used by one thread at a time. */
struct rngtest_samples {
	uint8_t *bytes;
	size_t have; /* bytes */
	size_t want; /* bytes; 0: none are kept */
	bool failed; /* the tests for IID or of restarts were not passed */
};

/* Prepare for as many samples as @options ask for. 0 or -ENOMEM. */
int rngtest_samples_init(struct rngtest_samples *samples,
			 const struct rngtest_options *options);

/* Append bytes of the input. Those beyond want are ignored. */
void rngtest_samples_add(struct rngtest_samples *samples, const uint8_t *bytes,
			 size_t len);

/*
 * Assess the samples, if any are wanted, and print the reports to @file.
 * Returns 0, -ENODATA if there are none, -ERANGE if one does not fit its bits,
 * -EDOM if they are no samples for the tests that were asked for, -EINTR if
 * these were stopped, or another negative errno. All but -ENOMEM set @error.
 */
int rngtest_samples_report(struct rngtest_samples *samples,
			   const struct rngtest_options *options, FILE *file,
			   struct vrng_error *error);

/* Wipes and frees the bytes. */
void rngtest_samples_free(struct rngtest_samples *samples);

#endif
