/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A progress bar on one line of the terminal. It is drawn only if stderr is a
 * terminal and the input takes more than a second.
 */
#ifndef RNGD_TESTER_PROGRESS_H
#define RNGD_TESTER_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Used by one thread at a time. */
struct rngtest_progress {
	bool wanted; /* false: nothing is drawn */
	bool shown;
	uint64_t total; /* bytes; 0: not known */
	uint64_t started; /* vrng_now() */
	uint64_t drawn; /* vrng_now() of the last update, or 0 */
};

/* Begin, with @total bytes to test. */
void rngtest_progress_begin(struct rngtest_progress *progress, uint64_t total);

/* Report @done tested bytes. Draws at most five times a second. */
void rngtest_progress_update(struct rngtest_progress *progress, uint64_t done);

/* Show @text instead of a bar. Draws at most five times a second. */
void rngtest_progress_text(struct rngtest_progress *progress, const char *text);

/* Remove the bar. Call before anything else is printed, and at the end. */
void rngtest_progress_clear(struct rngtest_progress *progress);

#endif
