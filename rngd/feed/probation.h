/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What follows from bad blocks: after some in a row a source is read more slowly,
 * and after more than chance allows it is suspended. A suspended source is tried
 * again; each further suspension in a row is twice as long.
 *
 * Pure. One thread at a time.
 */
#ifndef RNGD_FEED_PROBATION_H
#define RNGD_FEED_PROBATION_H

#include <stdbool.h>
#include <stdint.h>

#include "rngd/checks/sequence.h"

/* The longest suspension in s, unless the first one is longer. */
#define RNGD_PROBATION_MAX 3600

/* All zeros, but for the first two members, which the owner sets. */
struct rngd_probation {
	unsigned int suspend; /* s, the first time */
	bool never_suspend;

	struct vrng_sequence sequence;
	unsigned int bad_in_a_row;
	unsigned int suspensions; /* in a row */
	bool is_suspended; /* until the next good block */
};

enum rngd_verdict {
	RNGD_TRUSTED,
	RNGD_SUSPEND, /* more bad blocks than chance allows */
	RNGD_TAKE_UP /* passes again, after a suspension */
};

/* After a bad block. Wait *@ms before the next one. */
enum rngd_verdict rngd_probation_bad(struct rngd_probation *probation,
				     uint64_t *ms);

enum rngd_verdict rngd_probation_good(struct rngd_probation *probation);

/* After blocks of which one was good: forget suspensions if nothing is suspected. */
void rngd_probation_settle(struct rngd_probation *probation);

#endif
