// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The entropy of a conditioning component's output: see conditioning.h. With
 * n = min(n_out, nw), the standard's
 *
 *	P_high = 2^-h_in, P_low = (1 - P_high) / (2^n_in - 1)
 *	psi = 2^(n_in - n) P_low + P_high
 *	omega = (2^(n_in - n) + sqrt(2 n ln 2 2^(n_in - n))) P_low
 *	h = -log2(max(psi, omega))
 *
 * have powers far outside a double, and h may lack less of n than a double
 * shows. So what h lacks is computed: both times 2^n are near 1 then, and
 *
 *	2^n psi - 1 = r + 2^(n - h_in)
 *	2^n omega - 1 = r + (1 + r) sqrt(2 n ln 2) 2^-((n_in - n) / 2)
 *	r = 2^n_in P_low - 1 = (2^-n_in - 2^-h_in) / (1 - 2^-n_in)
 */
#include <math.h>

#include "rngd/tester/estimate/conditioning.h"

/* log2(1 + r + 2^x), also where 2^x is no double. */
static double log2_one_and_power(double x, double r)
{
	if (x > 900)
		return x + log2(1 + (1 + r) * exp2(-x));
	return log1p(r + exp2(x)) / log(2);
}

/* What the entropy of the output lacks of n bits. */
static double lacking(const struct vrng_conditioning *c, double n)
{
	const double in = c->n_in, u = exp2(-in);
	const double r = (u - exp2(-c->h_in)) / (1 - u);
	const double psi = log2_one_and_power(n - c->h_in, r);
	const double omega = log1p(r + (1 + r) * sqrt(2 * n * log(2)) *
					       exp2(-(in - n) / 2)) /
			     log(2);

	return fmin(n, fmax(0, fmax(psi, omega)));
}

void vrng_conditioning_find(struct vrng_conditioning *c)
{
	const double nw = c->nw < c->n_in ? c->nw : c->n_in;
	const double n = c->n_out < nw ? c->n_out : nw;
	const double out = c->n_out;
	const double lack = lacking(c, n);

	c->output_entropy = n - lack;
	c->epsilon = -log2((out - n + lack) / out);
	c->h_out = c->output_entropy;
	if (!c->vetted)
		c->h_out = fmin(c->h_out, fmin(0.999 * out, c->h_prime * out));
}
