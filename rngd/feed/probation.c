// SPDX-License-Identifier: GPL-2.0-or-later
/* What follows from bad blocks: see probation.h. */
#include "rngd/base/backoff.h"
#include "rngd/feed/probation.h"

/*
 * Waits in ms. One bad block is chance. From the second in a row on, waits double
 * from BAD_FIRST to BAD_MAX, so that a dead source costs next to no CPU time until
 * the sequential test decides.
 */
#define BAD_FIRST 100
#define BAD_MAX	  1000

static uint64_t suspend(struct rngd_probation *p)
{
	unsigned int s =
		vrng_doubled(p->suspend, p->suspensions++, RNGD_PROBATION_MAX);

	p->sequence = (struct vrng_sequence){ 0 };
	p->bad_in_a_row = 0;
	p->is_suspended = true;
	return 1000 * (uint64_t)(s < p->suspend ? p->suspend : s);
}

enum rngd_verdict rngd_probation_bad(struct rngd_probation *probation,
				     uint64_t *ms)
{
	struct rngd_probation *p = probation;

	*ms = 0;
	p->bad_in_a_row++;
	if (vrng_sequence_add(&p->sequence, true) && !p->never_suspend) {
		*ms = suspend(p);
		return RNGD_SUSPEND;
	}
	if (p->bad_in_a_row >= 2)
		*ms = vrng_doubled(BAD_FIRST, p->bad_in_a_row - 2, BAD_MAX);
	return RNGD_TRUSTED;
}

enum rngd_verdict rngd_probation_good(struct rngd_probation *probation)
{
	const bool was_suspended = probation->is_suspended;

	(void)vrng_sequence_add(&probation->sequence, false);
	probation->bad_in_a_row = 0;
	probation->is_suspended = false;
	return was_suspended ? RNGD_TAKE_UP : RNGD_TRUSTED;
}

void rngd_probation_settle(struct rngd_probation *probation)
{
	if (!probation->is_suspended && probation->sequence.ratio <= 0)
		probation->suspensions = 0;
}
