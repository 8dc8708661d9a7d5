// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SP 800-90B, 6.3.2: the collision estimate, from the number of bits until one
 * value has come twice: 2 if the first two are equal, else 3.
 *
 * With F(q) = q + 2 q^2 + 2 q^3 inserted, the standard's equation for p is the
 * quadratic mean = 2 + 2 p (1 - p), which is 2 + P(the first two differ). It is
 * solved directly; the standard proposes a binary search.
 */
#include <math.h>

#include "rngd/tester/estimate/estimator.h"

/* Returns the p in [1/2, 1] for which @mean is the expected time. */
static double solve(double mean)
{
	if (mean >= 2.5)
		return 0.5; /* no solution, or p = 1/2: full entropy */
	if (mean <= 2)
		return 1;
	return 0.5 + sqrt(1.25 - mean / 2);
}

int vrng_estimate_collision(const struct vrng_samples *bits,
			    struct vrng_estimate *estimate)
{
	size_t twos = 0, threes = 0, i = 0;
	double v, mean, sigma, p;
	const uint8_t *s = bits->s;

	while (i + 1 < bits->len) {
		if (s[i] == s[i + 1]) {
			twos++;
			i += 2;
		} else if (i + 2 < bits->len) {
			threes++;
			i += 3;
		} else {
			break;
		}
	}
	v = (double)(twos + threes);
	if (v < 2)
		return 0;
	mean = 2 + (double)threes / v;
	/*
	 * The sum of squares about the mean of twos and threes is their product
	 * / v.
	 */
	sigma = sqrt((double)twos * (double)threes / v / (v - 1));
	p = solve(vrng_lower_mean(estimate, v, mean, sigma));
	vrng_figure_add(estimate, "p", p);
	vrng_estimate_finish(estimate, p);
	return 0;
}
