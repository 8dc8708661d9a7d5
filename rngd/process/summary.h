/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rngd does at the moment, as one line for systemd and for rngctl. */
#ifndef RNGD_PROCESS_SUMMARY_H
#define RNGD_PROCESS_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>

#include "rngd/feed/report.h"

/* Enough for any of these lines. */
#define RNGD_SUMMARY_SIZE 512

/*
 * Write what is waited for into @text, cut to @size > 0: the source that lacks
 * the fewest bytes of a block, and how many of it have come. Where none waits:
 * why there was no block yet, or "" if there was one (@was_fed).
 */
void rngd_summary_waiting(char *text, size_t size,
			  const struct rngd_report *report, bool was_fed);

/* The same for systemd; once there was a block, after the counters. */
void rngd_summary(char *text, size_t size, const struct rngd_report *report,
		  bool was_fed);

#endif
