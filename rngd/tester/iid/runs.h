/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs of comparisons that have the same result, for the statistics of 5.1.2 to
 * 5.1.6. The results of 64 comparisons are the bits of a word, so that most
 * words take some ten instructions.
 */
#ifndef RNGD_TESTER_IID_RUNS_H
#define RNGD_TESTER_IID_RUNS_H

#include <stddef.h>
#include <stdint.h>

struct vrng_runs {
	size_t count; /* of runs */
	size_t longest;
	size_t less; /* comparisons that are true */
};

/* Compare each of @len samples, 1 or more, with @limit: is it less? */
void vrng_runs_below(const uint8_t *samples, size_t len, uint8_t limit,
		     struct vrng_runs *runs);

/* Compare each of @len - 1 samples, 1 or more, with the one before it. */
void vrng_runs_falling(const uint8_t *samples, size_t len,
		       struct vrng_runs *runs);

#endif
