// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SP 800-90B, 6.3.3: the Markov estimate, from the likeliest string of 128 bits
 * of a first-order Markov process with the counted transitions.
 */
#include <math.h>

#include "rngd/tester/estimate/estimator.h"

/* log2(p^n), with 0^0 = 1. */
static double log2_power(double p, double n)
{
	return n > 0 ? n * log2(p) : 0;
}

/* log2 of the probability of the likeliest of the standard's six candidates. */
static double likeliest(const double p[2], const double t[2][2])
{
	double most = -INFINITY, same, flip, stay;
	unsigned int b;

	for (b = 0; b < 2; b++) {
		const unsigned int o = 1 - b;

		same = log2_power(t[b][b], 127); /* bbb...b */
		flip = log2_power(t[b][o], 64) + /* bob...o */
		       log2_power(t[o][b], 63);
		stay = log2_power(t[b][o], 1) + /* boo...o */
		       log2_power(t[o][o], 126);
		most = fmax(most, log2(p[b]) + fmax(same, fmax(flip, stay)));
	}
	return most;
}

/* @t[a][b]: the share of b among the bits that follow a; 0 if none does. */
static void transitions(const struct vrng_samples *bits, double t[2][2])
{
	size_t counts[2][2] = { { 0 } }, i, sum;
	unsigned int b;

	for (i = 1; i < bits->len; i++)
		counts[bits->s[i - 1]][bits->s[i]]++;
	for (b = 0; b < 2; b++) {
		sum = counts[b][0] + counts[b][1];
		t[b][0] = sum ? (double)counts[b][0] / (double)sum : 0;
		t[b][1] = sum ? (double)counts[b][1] / (double)sum : 0;
	}
}

int vrng_estimate_markov(const struct vrng_samples *bits,
			 struct vrng_estimate *estimate)
{
	double p[2], t[2][2], most;
	size_t ones = 0, i;

	if (bits->len < 2)
		return 0;
	for (i = 0; i < bits->len; i++)
		ones += bits->s[i];
	p[1] = (double)ones / (double)bits->len;
	p[0] = 1 - p[1];
	transitions(bits, t);
	most = likeliest(p, t);
	vrng_figure_add(estimate, "p_0", p[0]);
	vrng_figure_add(estimate, "p_1", p[1]);
	vrng_figure_add(estimate, "p_00", t[0][0]);
	vrng_figure_add(estimate, "p_01", t[0][1]);
	vrng_figure_add(estimate, "p_10", t[1][0]);
	vrng_figure_add(estimate, "p_11", t[1][1]);
	vrng_figure_add(estimate, "p_max", exp2(most));
	vrng_estimate_finish(estimate, 1);
	estimate->entropy = fmin(1, most < 0 ? -most / 128 : 0);
	return 0;
}
