// SPDX-License-Identifier: GPL-2.0-or-later
/* A progress bar: see progress.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/tester/progress.h"
#include "rngd/base/clock.h"

/* Nanoseconds before the bar is first drawn, and between updates. */
#define PATIENCE VRNG_NS_PER_S
#define BETWEEN	 200000000

#define BAR 30 /* columns */

void rngtest_progress_begin(struct rngtest_progress *progress, uint64_t total)
{
	const char *term = getenv("TERM");

	memset(progress, 0, sizeof(*progress));
	progress->wanted =
		isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
	progress->total = total;
	progress->started = vrng_now();
}

static void draw_bar(double part)
{
	char bar[BAR + 1];
	unsigned int i;

	if (part > 1)
		part = 1;
	for (i = 0; i < BAR; i++)
		bar[i] = i < part * BAR ? '#' : '.';
	bar[BAR] = '\0';
	fprintf(stderr, "[%s] %3.0f %%  ", bar, 100 * part);
}

/* Returns whether it is time to draw, and notes that it was drawn. */
static bool due(struct rngtest_progress *progress)
{
	uint64_t now;

	if (!progress->wanted)
		return false;
	now = vrng_now();
	if (now - progress->started < PATIENCE ||
	    now - progress->drawn < BETWEEN)
		return false;
	progress->drawn = now;
	progress->shown = true;
	return true;
}

void rngtest_progress_text(struct rngtest_progress *progress, const char *text)
{
	if (!due(progress))
		return;
	fprintf(stderr, "\r%s\033[K", text);
	fflush(stderr);
}

void rngtest_progress_update(struct rngtest_progress *progress, uint64_t done)
{
	double rate;

	if (!due(progress))
		return;
	rate = 1e9 * (double)done /
	       (double)(progress->drawn - progress->started);
	fputs("\r", stderr);
	if (progress->total)
		draw_bar((double)done / (double)progress->total);
	fprintf(stderr, "%.1f MB, %.1f MB/s", (double)done / 1e6, rate / 1e6);
	if (progress->total > done && rate > 0)
		fprintf(stderr, ", %.0f s left",
			(double)(progress->total - done) / rate);
	fputs("\033[K", stderr);
	fflush(stderr);
}

void rngtest_progress_clear(struct rngtest_progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
