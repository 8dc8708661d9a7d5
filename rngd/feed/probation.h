/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much a source is trusted after what its last blocks were: go on, go on more
 * slowly, or leave it alone for a while. A suspended one is tried again, and each
 * suspension of a row is twice as long as the one before.
 *
 * Pure, and one thread's own.
 */
#ifndef RNGD_FEED_PROBATION_H
#define RNGD_FEED_PROBATION_H

#include <stdbool.h>
#include <stdint.h>

#include "rngd/checks/sequence.h"

/* The longest suspension, s, unless the first one is to be longer. */
#define RNGD_PROBATION_MAX 3600

/* Zeros but for what the owner sets. */
struct rngd_probation {
	unsigned int suspend; /* the owner's: s, the first time */
	bool never_suspend; /* the owner's */

	struct vrng_sequence sequence;
	unsigned int bad_in_a_row;
	unsigned int suspensions; /* in a row */
	bool is_suspended; /* from the verdict to the next good block */
};

enum rngd_verdict {
	RNGD_TRUSTED,
	RNGD_SUSPEND, /* more bad blocks than chance allows */
	RNGD_TAKE_UP /* passes again, after a suspension */
};

/* After a bad block: wait *@ms before the next. */
enum rngd_verdict rngd_probation_bad(struct rngd_probation *probation,
				     uint64_t *ms);

enum rngd_verdict rngd_probation_good(struct rngd_probation *probation);

/* After blocks that were not all bad: is it as good as new? */
void rngd_probation_settle(struct rngd_probation *probation);

#endif
