/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real numbers: parses those that users write. */
#ifndef RNGD_TESTER_REAL_H
#define RNGD_TESTER_REAL_H

#include "vrng/error.h"

/*
 * Parse @text, digits with at most one point among them, into *@value. Returns
 * 0, or -EINVAL unless it is above 0 and at most @max. @error then names
 * @option and the text.
 */
int rngtest_real(double *value, const char *option, const char *text,
		 double max, struct vrng_error *error);

#endif
