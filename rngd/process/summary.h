/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rngd does at the moment, as one line for "systemctl status". */
#ifndef RNGD_PROCESS_SUMMARY_H
#define RNGD_PROCESS_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>

#include "rngd/feed/report.h"

/*
 * Write the line into @text, cut to @size > 0: the counters, once the first
 * block was handed over (@was_fed); the source whose block is waited for, and
 * how much of it has come; or why none is.
 */
void rngd_summary(char *text, size_t size, const struct rngd_report *report,
		  bool was_fed);

/* The file that names the generator behind /dev/hwrng; tests replace it. */
extern const char *rngd_summary_rng_current;

#endif
