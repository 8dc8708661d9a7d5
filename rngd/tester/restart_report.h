/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the restart tests for rngtest and prints their result. */
#ifndef RNGD_TESTER_RESTART_REPORT_H
#define RNGD_TESTER_RESTART_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "rngd/tester/estimate/restart.h"
#include "rngd/tester/options.h"

/* Print the result, as lines or JSON. */
void rngtest_restart_print(const struct vrng_restart *restart, bool json,
			   FILE *file);

/*
 * Test @count samples, one in each byte, row by row, and print the report to
 * @file. With --iid both rows and columns have to pass the IID track, too.
 * Returns 0; -EDOM with @error set if there are not as many samples as the
 * matrix has, or the claim does not fit them; or another error of
 * rngtest_iid_report(). *@passed: the claim holds.
 */
int rngtest_restart_report(const uint8_t *samples, size_t count,
			   const struct rngtest_options *options, FILE *file,
			   bool *passed, struct vrng_error *error);

#endif
