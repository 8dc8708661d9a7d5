// SPDX-License-Identifier: GPL-2.0-or-later
/* The restart tests: see restart.h. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/estimate/restart.h"

#define N VRNG_RESTARTS

/* ------------------------------------------------------------------ cutoff */

/*
 * The counts of the values are as independent Poisson variables whose sum is
 * 1,000. So the probability that none is above m is that of a sum of 1,000
 * where each is at most m, over that of a sum of 1,000. A series holds the
 * probabilities of the sums 0 to 1,000.
 */
struct series {
	double at[N + 1];
};

static double poisson(double mean, unsigned int k)
{
	if (!(mean > 0))
		return k ? 0 : 1;
	return exp(k * log(mean) - mean - lgamma(k + 1.0));
}

static void one_value(struct series *series, double p, unsigned int m)
{
	unsigned int k;

	for (k = 0; k <= N; k++)
		series->at[k] = k <= m ? poisson(N * p, k) : 0;
}

/* *@to = *@to times @by: the sums of both. @room is overwritten. */
static void add_values(struct series *to, const struct series *by,
		       struct series *room)
{
	unsigned int i, k;

	for (k = 0; k <= N; k++) {
		room->at[k] = 0;
		for (i = 0; i <= k; i++)
			room->at[k] += to->at[i] * by->at[k - i];
	}
	*to = *room;
}

/* The probability that none of the values comes more than @m times. */
static double none_above(double p, unsigned int m, struct series room[3])
{
	struct series *all = &room[0], *power = &room[1];
	unsigned int values = (unsigned int)floor(1 / p);

	one_value(all, fmax(0, 1 - values * p), m);
	one_value(power, p, m);
	for (; values; values /= 2) {
		if (values % 2)
			add_values(all, power, &room[2]);
		if (values > 1) {
			struct series same = *power;

			add_values(power, &same, &room[2]);
		}
	}
	return all->at[N] / poisson(N, N);
}

unsigned int vrng_restart_cutoff(double h)
{
	const double alpha = -expm1(log(0.99) / (2 * N));
	const double p = exp2(-h);
	struct series *room = malloc(3 * sizeof(*room));
	unsigned int low = 0, high = N, middle;

	if (!room)
		return 0;
	while (high - low > 1) {
		middle = (low + high) / 2;
		if (none_above(p, middle, room) >= 1 - alpha)
			high = middle;
		else
			low = middle;
	}
	free(room);
	return high;
}

/* ------------------------------------------------------------------ matrix */

void vrng_restart_transpose(const uint8_t *samples, uint8_t *columns)
{
	size_t row, column;

	for (row = 0; row < N; row++)
		for (column = 0; column < N; column++)
			columns[column * N + row] = samples[row * N + column];
}

/* The most that one value comes in one row. */
static unsigned int most_common(const uint8_t *rows)
{
	unsigned int most = 0, counts[256];
	size_t row, i;

	for (row = 0; row < N; row++) {
		memset(counts, 0, sizeof(counts));
		for (i = 0; i < N; i++) {
			const uint8_t sample = rows[row * N + i];

			if (++counts[sample] > most)
				most = counts[sample];
		}
	}
	return most;
}

static int test(const uint8_t *rows, const uint8_t *columns, unsigned int width,
		unsigned int threads, struct vrng_restart *result)
{
	int ret = vrng_assess_samples(rows, VRNG_RESTART_SAMPLES, width,
				      threads, &result->rows);

	if (ret)
		return ret;
	if (result->h_initial > log2(result->rows.symbols) + 1e-9)
		return -EDOM;
	ret = vrng_assess_samples(columns, VRNG_RESTART_SAMPLES, width, threads,
				  &result->columns);
	result->cutoff = vrng_restart_cutoff(result->h_initial);
	if (!result->cutoff)
		return -ENOMEM;
	result->most_in_row = most_common(rows);
	result->most_in_column = most_common(columns);
	result->sane = result->most_in_row <= result->cutoff &&
		       result->most_in_column <= result->cutoff;
	result->h_rows = result->rows.h_original;
	result->h_columns = result->columns.h_original;
	return ret;
}

int vrng_restart_test(const uint8_t *samples, unsigned int width, double h,
		      unsigned int threads, struct vrng_restart *result)
{
	uint8_t *columns = malloc(VRNG_RESTART_SAMPLES);
	double least;
	int ret = -ENOMEM;

	memset(result, 0, sizeof(*result));
	result->h_initial = h;
	if (columns) {
		vrng_restart_transpose(samples, columns);
		ret = h > 0 ? test(samples, columns, width, threads, result) :
			      -EDOM;
		explicit_bzero(columns, VRNG_RESTART_SAMPLES);
	}
	free(columns);
	least = fmin(result->h_rows, result->h_columns);
	result->valid = !ret && result->sane && least >= h / 2;
	result->entropy = result->valid ? fmin(least, h) : 0;
	return ret;
}
