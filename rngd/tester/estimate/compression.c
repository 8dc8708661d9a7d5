// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SP 800-90B, 6.3.4: the compression estimate. It is Maurer's universal
 * statistic on blocks of 6 bits: the mean logarithm of the distance from each
 * block to its last occurrence.
 *
 * The standard's G(z) is a double sum over blocks t and distances u up to t.
 * Its inner terms depend on t only by u < t, so each distance is added once,
 * times the number of blocks that look so far back:
 *
 *	v G(z) = sum over u of log2(u) z^2 (1-z)^(u-1) #{t: t > u}
 *	       + sum over t of log2(t) z (1-z)^(t-1)
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "rngd/tester/estimate/estimator.h"

#define BLOCK_BITS 6
#define BLOCKS	   (1u << BLOCK_BITS)
#define DICTIONARY 1000 /* d: blocks that only fill the dictionary */

/* Terms with (1-z)^u below this are left out of the sum. */
#define NEGLIGIBLE 0x1p-100

/*
 * Powers are computed by multiplication, which adds a rounding error each.
 * After this many the power is computed anew.
 */
#define FRESH 1024

struct blocks {
	size_t count; /* the standard's L': all whole blocks */
	size_t d; /* of them in the dictionary */
	const double *logs; /* [u]: log2(u), 1 to count; [0] unused */
};

static double g(const struct blocks *b, double z)
{
	const double v = (double)(b->count - b->d);
	double near = 0, far = 0, power = 1;
	size_t u, later;

	for (u = 1; u <= b->count; u++) {
		if (u % FRESH == 0)
			power = exp((double)(u - 1) * log1p(-z));
		if (power < NEGLIGIBLE)
			break;
		later = b->count - (u < b->d ? b->d : u);
		near += b->logs[u] * power * (double)later;
		if (u > b->d)
			far += b->logs[u] * power;
		power *= 1 - z;
	}
	return (near * z * z + far * z) / v;
}

/*
 * The expected mean if one value has probability @p and the others are equal.
 */
static double expected(const struct blocks *b, double p)
{
	return g(b, p) + (BLOCKS - 1) * g(b, (1 - p) / (BLOCKS - 1));
}

/* Returns the p in [1/64, 1] for which @mean is expected; it falls with p. */
static double solve(const struct blocks *b, double mean)
{
	double low = 1.0 / BLOCKS, high = 1, middle;
	unsigned int i;

	if (mean >= expected(b, low))
		return low; /* no solution: full entropy */
	for (i = 0; i < 64; i++) {
		middle = (low + high) / 2;
		if (middle <= low || middle >= high)
			break;
		if (expected(b, middle) > mean)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

static unsigned int block_at(const uint8_t *s)
{
	unsigned int value = 0, i;

	for (i = 0; i < BLOCK_BITS; i++)
		value = value << 1 | s[i];
	return value;
}

/* Sum the logarithms of the distances, and their squares. */
static void look_back(const uint8_t *s, const struct blocks *b, double *sum,
		      double *squares)
{
	size_t last[BLOCKS] = { 0 }, t;
	unsigned int value;
	double log;

	*sum = 0;
	*squares = 0;
	for (t = 1; t <= b->count; t++) {
		value = block_at(s + (t - 1) * BLOCK_BITS);
		if (t > b->d) {
			log = b->logs[last[value] ? t - last[value] : t];
			*sum += log;
			*squares += log * log;
		}
		last[value] = t;
	}
}

int vrng_estimate_compression_of(const struct vrng_samples *bits, size_t d,
				 struct vrng_estimate *estimate)
{
	struct blocks b = { .count = bits->len / BLOCK_BITS, .d = d };
	double v, sum, squares, mean, sigma, p;
	double *logs;
	size_t u;

	if (b.count < d + 2)
		return 0;
	logs = malloc((b.count + 1) * sizeof(*logs));
	if (!logs)
		return -ENOMEM;
	for (u = 0; u <= b.count; u++)
		logs[u] = u ? log2((double)u) : 0;
	b.logs = logs;
	look_back(bits->s, &b, &sum, &squares);
	v = (double)(b.count - d);
	mean = sum / v;
	sigma = 0.5907 * sqrt(fmax(0, squares / (v - 1) - mean * mean));
	p = solve(&b, vrng_lower_mean(estimate, v, mean, sigma));
	free(logs);
	vrng_figure_add(estimate, "p", p);
	vrng_estimate_finish(estimate, p);
	estimate->entropy /= BLOCK_BITS;
	return 0;
}

int vrng_estimate_compression(const struct vrng_samples *bits,
			      struct vrng_estimate *estimate)
{
	return vrng_estimate_compression_of(bits, DICTIONARY, estimate);
}
