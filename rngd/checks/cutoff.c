// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cut-offs of the health tests: SP 800-90B, 4.4.1 and 4.4.2, for what
 * include/vrng/health.h takes as given.
 */
#include <errno.h>
#include <math.h>

#include "vrng/health.h"

/*
 * What is written in decimal is seldom a binary fraction: 21 / 0.7 comes to a
 * little more than 30, and must not be rounded up to 31.
 */
#define SLACK 1e-9

/* 1 + ceil(-log2(alpha) / h) */
static double rct_cutoff(double h, double exponent)
{
	return 1 + ceil(exponent / h * (1 - SLACK));
}

/* ln of the probability that @k of @n samples have a value of @p. */
static double log_binomial(double n, double k, double p)
{
	return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) +
	       (n - k) * log1p(-p);
}

/*
 * 1 + critbinom(window, p, 1 - alpha): the lowest C such that C samples or more
 * have the value with a probability of alpha at most. Added up from the least
 * likely number, so that nothing is lost in the sum.
 */
static uint32_t apt_cutoff(uint32_t window, double p, double alpha)
{
	double tail = 0;
	uint32_t c = window + 1;

	while (c > 1) {
		tail += exp(log_binomial(window, c - 1, p));
		if (tail > alpha)
			break;
		c--;
	}
	return c;
}

int vrng_health_limits_find(struct vrng_health_limits *limits,
			    unsigned int width, double h, double exponent)
{
	double rct;

	if ((width != 8 && width != 1) || !(h > 0 && h <= width) ||
	    !(exponent >= 1 && exponent <= 64))
		return -EINVAL;
	rct = rct_cutoff(h, exponent);
	if (rct > (double)(1u << 31))
		return -EINVAL;
	limits->width = width;
	limits->rct = (uint32_t)rct;
	limits->window = width == 1 ? VRNG_APT_WINDOW_BITS : VRNG_APT_WINDOW;
	limits->apt = apt_cutoff(limits->window, exp2(-h), exp2(-exponent));
	return 0;
}
