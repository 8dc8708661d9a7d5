/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sequential test whether a source has more bad blocks than chance allows. It
 * is evaluated after each block: Wald's likelihood ratio of two rates,
 * restarted whenever it favours the good rate (Page's cumulative sum).
 *
 *	p0 = 1/1000	the rate of a good source (1/1257 by the FIPS 140-2
 *			tests, 2^-29 a sample by the SP 800-90B tests, rounded
 *			up in favour of the source)
 *	p1 = 1/20	the rate that is to be detected
 *	threshold	ln(10^9)
 *
 * The mean time between false alarms is at least e^threshold (Lorden 1971):
 * 10^9 blocks, or 2.5 TB, of a good source. A source with only bad blocks is
 * detected after 6 blocks, one with every tenth block bad after about 60.
 *
 * Pure. A state is used by one thread at a time.
 */
#ifndef RNGD_CHECKS_SEQUENCE_H
#define RNGD_CHECKS_SEQUENCE_H

#include <stdbool.h>

/* All zeros is the start. */
struct vrng_sequence {
	double ratio; /* natural logarithm of the likelihood ratio, >= 0 */
};

/* Add a block. Returns true if the rate is now more than chance allows. */
bool vrng_sequence_add(struct vrng_sequence *sequence, bool bad);

#endif
