/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the four predictors (SP 800-90B, 6.3.7 to 6.3.10) share: the record of
 * which predictions came true, the race between the subpredictors of the first
 * three, and the probability of a correct prediction that follows.
 *
 * Predictions are handled 64 at a time, a bit each, the earliest lowest.
 */
#ifndef RNGD_TESTER_ESTIMATE_PREDICT_H
#define RNGD_TESTER_ESTIMATE_PREDICT_H

#include "rngd/tester/estimate/estimator.h"

struct vrng_hits {
	uint64_t made; /* N: predictions */
	uint64_t right; /* C */
	uint64_t longest; /* run of right ones; r is one more */
	uint64_t run; /* that is going on */
};

/* The next @count (1 to 64) predictions; which were right is in @mask. */
void vrng_hits_add(struct vrng_hits *hits, uint64_t mask, unsigned int count);

/* Finish an estimate of samples that have @symbols values. */
void vrng_hits_estimate(const struct vrng_hits *hits, unsigned int symbols,
			struct vrng_estimate *estimate);

/* The bound on the probability of a hit that makes a run of r-1 unlikely. */
double vrng_hits_p_local(uint64_t r, uint64_t n);

#define VRNG_RACERS 128

/* Each step is predicted by the one that was right most often until then. */
struct vrng_race {
	unsigned int racers;
	unsigned int winner;
	uint64_t score[VRNG_RACERS];
	struct vrng_hits hits;
};

/* The next @count (1 to 64) steps; right[d] tells which ones d had right. */
void vrng_race_run(struct vrng_race *race, const uint64_t *right,
		   unsigned int count);

#endif
