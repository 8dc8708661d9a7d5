// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Draws the histogram of nibbles and runs: a bar for each mean, with a mark
 * where it is expected to end. See report.h.
 */
#include <math.h>
#include <string.h>

#include "rngd/tester/report.h"

/* Columns for the label, the mean, the expected mean and the deviation. */
#define OTHER_COLUMNS 48
#define BAR_MIN	      10
#define BAR_MAX	      100

void rngtest_sums_add(struct rngtest_sums *sums,
		      const struct vrng_fips_stats *stats)
{
	size_t i;

	for (i = 0; i < VRNG_FIPS_NIBBLES; i++)
		sums->nibbles[i] += stats->nibbles[i];
	for (i = 0; i < VRNG_FIPS_RUN_LENGTHS; i++) {
		sums->runs[0][i] += stats->runs[0][i];
		sums->runs[1][i] += stats->runs[1][i];
	}
}

/*
 * The expected number of runs of one value in n fair bits. A run of exactly k
 * begins at a place if k bits have that value and both neighbours do not; at
 * each end of the block there is one neighbour only. This gives
 * (n - k - 1) / 2^(k+2) + 2 / 2^(k+1). For runs of k or more only the neighbour
 * before counts: (n - k) / 2^(k+1) + 1 / 2^k.
 */
static double expected_runs(unsigned int length)
{
	const double n = VRNG_FIPS_BLOCK_BITS;

	if (length < VRNG_FIPS_RUN_LENGTHS)
		return ldexp(n - length + 3, -(int)length - 2);
	return ldexp(n - length + 2, -(int)length - 1);
}

struct canvas {
	FILE *file;
	unsigned int width; /* of the bars */
	double blocks;
};

/* Draw one bar. Its middle, marked with |, stands for @expected. */
static void draw(const struct canvas *canvas, const char *label, uint64_t sum,
		 double expected)
{
	double mean = (double)sum / canvas->blocks;
	unsigned int middle = canvas->width / 2;
	double reach = mean / expected * middle;
	unsigned int length, i;
	char bar[BAR_MAX + 1];

	length = reach < canvas->width ? (unsigned int)lround(reach) :
					 canvas->width;
	for (i = 0; i < canvas->width; i++)
		bar[i] = i < length ? '#' : ' ';
	bar[middle] = '|';
	bar[canvas->width] = '\0';
	fprintf(canvas->file, "%-10s %s %9.2f of %8.2f %+8.2f%%\n", label, bar,
		mean, expected, 100 * (mean / expected - 1));
}

static void draw_nibbles(const struct canvas *canvas,
			 const struct rngtest_sums *sums)
{
	char label[16];
	unsigned int i;

	fputs("nibbles in a block, mean\n", canvas->file);
	for (i = 0; i < VRNG_FIPS_NIBBLES; i++) {
		snprintf(label, sizeof(label), "  %u%u%u%u", i >> 3, i >> 2 & 1,
			 i >> 1 & 1, i & 1);
		draw(canvas, label, sums->nibbles[i],
		     VRNG_FIPS_BLOCK_BITS / 4.0 / VRNG_FIPS_NIBBLES);
	}
}

static void draw_runs(const struct canvas *canvas, const uint64_t *runs,
		      const char *what)
{
	char label[16];
	unsigned int i;

	fprintf(canvas->file, "runs of %s in a block, mean\n", what);
	for (i = 1; i <= VRNG_FIPS_RUN_LENGTHS; i++) {
		snprintf(label, sizeof(label), "  %u%s", i,
			 i == VRNG_FIPS_RUN_LENGTHS ? "+" : "");
		draw(canvas, label, runs[i - 1], expected_runs(i));
	}
}

void rngtest_report_draw(const struct rngtest_report *report, FILE *file,
			 unsigned int columns)
{
	struct canvas canvas = { .file = file, .width = BAR_MIN };

	canvas.blocks = (double)rngtest_report_blocks(report);
	if (!rngtest_report_blocks(report))
		return;
	if (columns > OTHER_COLUMNS + BAR_MIN)
		canvas.width = columns - OTHER_COLUMNS;
	if (canvas.width > BAR_MAX)
		canvas.width = BAR_MAX;
	draw_nibbles(&canvas, &report->sums);
	draw_runs(&canvas, report->sums.runs[0], "zeros");
	draw_runs(&canvas, report->sums.runs[1], "ones");
}
