/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a source's rate of bad blocks beyond chance? A sequential test, looked at
 * after each block: Wald's likelihood ratio of two rates, restarted whenever it
 * favours the good one (Page's cumulative sum).
 *
 *	p0 = 1/1000	the rate of a good source (1/1350 of the FIPS 140-2
 *			tests, 2^-29 of the SP 800-90B tests a sample, rounded
 *			against the test)
 *	p1 = 1/20	the rate it is held against
 *	threshold	ln(10^9)
 *
 * The mean time between false alarms is at least e^threshold (Lorden 1971):
 * 10^9 blocks, or 2.5 TB, of a good source. A source with nothing but bad
 * blocks is found after 6 of them, one with every tenth bad after about 60.
 *
 * Pure, and one thread's own.
 */
#ifndef RNGD_CHECKS_SEQUENCE_H
#define RNGD_CHECKS_SEQUENCE_H

#include <stdbool.h>

/* All zeros is the start. */
struct vrng_sequence {
	double ratio; /* natural logarithm of the likelihood ratio, >= 0 */
};

/* True when, with this block, the rate is beyond chance. */
bool vrng_sequence_add(struct vrng_sequence *sequence, bool bad);

#endif
