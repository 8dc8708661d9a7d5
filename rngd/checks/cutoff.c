// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Computes the cut-offs of the health tests (include/vrng/health.h), as SP
 * 800-90B, 4.4.1 and 4.4.2 define them.
 */
#include <errno.h>
#include <math.h>

#include "rngd/checks/binomial.h"
#include "vrng/health.h"

/*
 * Relative tolerance before rounding up. Decimal fractions are seldom exact in
 * binary: 21 / 0.7 is a little more than 30 and must not become 31.
 */
#define SLACK 1e-9

/* 1 + ceil(-log2(alpha) / h) */
static double rct_cutoff(double h, double exponent)
{
	return 1 + ceil(exponent / h * (1 - SLACK));
}

/*
 * 1 + critbinom(window, p, 1 - alpha): the lowest C such that the probability
 * of C or more samples with the value is at most alpha. The sum begins with the
 * smallest terms, so that none is lost to rounding.
 */
static uint32_t apt_cutoff(uint32_t window, double p, double alpha)
{
	double tail = 0;
	uint32_t c = window + 1;

	while (c > 1) {
		tail += exp(vrng_binomial_log(window, c - 1, p));
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
