/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the four predictors (SP 800-90B, 6.3.7 to 6.3.10): the record of
 * correct predictions, the choice between the subpredictors of the first three,
 * and the estimate that follows.
 *
 * Predictions are handled 64 at a time, one bit each, the earliest lowest.
 * Pure; a state is used by one thread at a time and is all zeros at the start.
 */
#ifndef RNGD_TESTER_ESTIMATE_PREDICT_H
#define RNGD_TESTER_ESTIMATE_PREDICT_H

#include "rngd/tester/estimate/estimator.h"

struct vrng_hits {
	uint64_t made; /* N: predictions */
	uint64_t right; /* C: correct ones */
	uint64_t longest; /* run of correct ones; the standard's r - 1 */
	uint64_t run; /* length of the current run */
};

/*
 * Record @count (1 to 64) predictions; bits of @mask are set for correct ones.
 */
void vrng_hits_add(struct vrng_hits *hits, uint64_t mask, unsigned int count);

/* Fill in the estimate for samples that have @symbols different values. */
void vrng_hits_estimate(const struct vrng_hits *hits, unsigned int symbols,
			struct vrng_estimate *estimate);

/*
 * P_local: the highest probability of a hit at which @n trials have no run of
 * @r hits with a probability of 99 %.
 */
double vrng_hits_p_local(uint64_t r, uint64_t n);

#define VRNG_SUBPREDICTORS 128

/*
 * The standard's scoreboard: each step is predicted by the winner, which is the
 * subpredictor with the most correct predictions so far; at a tie, the one that
 * reached that score last.
 */
struct vrng_scoreboard {
	unsigned int count; /* of subpredictors, at most VRNG_SUBPREDICTORS */
	unsigned int winner;
	uint64_t score[VRNG_SUBPREDICTORS]; /* correct predictions of each */
	struct vrng_hits hits; /* of the winners */
};

/* Run @count (1 to 64) steps; bits of @right[d] are set where d is correct. */
void vrng_scoreboard_run(struct vrng_scoreboard *board, const uint64_t *right,
			 unsigned int count);

#endif
