// SPDX-License-Identifier: GPL-2.0-or-later
/* A sequential test of the rate of bad blocks: see sequence.h. */
#include "rngd/checks/sequence.h"

#define STEP_BAD  3.912023005428146 /* ln(p1 / p0) */
#define STEP_GOOD (-0.05029279405396701) /* ln((1 - p1) / (1 - p0)) */
#define THRESHOLD 20.72326583694641 /* ln(10^9) */

bool vrng_sequence_add(struct vrng_sequence *sequence, bool bad)
{
	sequence->ratio += bad ? STEP_BAD : STEP_GOOD;
	if (sequence->ratio < 0)
		sequence->ratio = 0;
	return sequence->ratio >= THRESHOLD;
}
