/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints the entropy of a conditioning component's output. */
#ifndef RNGD_TESTER_CONDITIONING_REPORT_H
#define RNGD_TESTER_CONDITIONING_REPORT_H

#include "rngd/tester/estimate/conditioning.h"
#include "vrng/error.h"

/*
 * Parse "N_IN,N_OUT,NW,H_IN" or, for a component that is not vetted,
 * "N_IN,N_OUT,NW,H_IN,H'". Returns 0, or -EINVAL with @error set.
 */
int rngtest_conditioning_parse(struct vrng_conditioning *conditioning,
			       const char *text, struct vrng_error *error);

/* Print the result on stdout, as lines or as JSON. */
void rngtest_conditioning_print(const struct vrng_conditioning *conditioning,
				bool json);

#endif
