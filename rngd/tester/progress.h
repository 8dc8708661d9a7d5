/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far it has got, on a line of the terminal that is drawn over: only where
 * stderr is one, and only for input that takes more than a moment.
 */
#ifndef RNGD_TESTER_PROGRESS_H
#define RNGD_TESTER_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Of one thread at a time. */
struct rngtest_progress {
	bool wanted;
	bool shown;
	uint64_t total; /* bytes; 0: not known */
	uint64_t started;
	uint64_t drawn;
};

/* For @total bytes to come. */
void rngtest_progress_begin(struct rngtest_progress *progress, uint64_t total);

/* @done bytes are tested. Draws at most some times a second. */
void rngtest_progress_update(struct rngtest_progress *progress, uint64_t done);

/* Before anything else is printed, and at the end. */
void rngtest_progress_clear(struct rngtest_progress *progress);

#endif
