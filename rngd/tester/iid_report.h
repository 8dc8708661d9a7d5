/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the IID track for rngtest, with progress, and prints its result. */
#ifndef RNGD_TESTER_IID_REPORT_H
#define RNGD_TESTER_IID_REPORT_H

#include <stdio.h>

#include "rngd/tester/iid/iid.h"
#include "rngd/tester/options.h"

/*
 * Test @count samples, one in each byte. On a terminal stderr shows how far it
 * is; SIGINT and SIGTERM end it. Returns 0, or -EDOM with @error set if all
 * samples are equal, -EINTR likewise when it was stopped, or -ENOMEM.
 */
int rngtest_iid_run(const uint8_t *samples, size_t count,
		    const struct rngtest_options *options, struct vrng_iid *iid,
		    struct vrng_error *error);

/* Print the result, as lines or JSON. */
void rngtest_iid_print(const struct vrng_iid *iid, bool json, FILE *file);

/*
 * Do both. *@passed: the samples may be independent and identically
 * distributed.
 */
int rngtest_iid_report(const uint8_t *samples, size_t count,
		       const struct rngtest_options *options, FILE *file,
		       bool *passed, struct vrng_error *error);

#endif
