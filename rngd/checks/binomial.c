// SPDX-License-Identifier: GPL-2.0-or-later
/* The binomial distribution: see binomial.h. */
#include <math.h>

#include "rngd/checks/binomial.h"

/* Terms below this part of the sum no longer change it. */
#define NEGLIGIBLE 0x1p-60

double vrng_binomial_log(double n, double k, double p)
{
	return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) +
	       (n - k) * log1p(-p);
}

/*
 * Sum the probabilities of @k successes and more, where they fall: each is the
 * one before times (n - k) / (k + 1) p / q.
 */
static double sum_falling(double n, double k, double p)
{
	double term = exp(vrng_binomial_log(n, k, p));
	double sum = 0;

	while (term > sum * NEGLIGIBLE) {
		sum += term;
		term *= (n - k) / (k + 1) * p / (1 - p);
		k++;
	}
	return sum;
}

/* The tail that does not contain the mean is summed; the other is its rest. */
double vrng_binomial_or_more(uint64_t n, uint64_t k, double p)
{
	if (!k)
		return 1;
	if (k > n)
		return 0;
	if ((double)k >= (double)n * p)
		return fmin(1, sum_falling((double)n, (double)k, p));
	return 1 - vrng_binomial_or_fewer(n, k - 1, p);
}

/* Successes and failures change places. */
double vrng_binomial_or_fewer(uint64_t n, uint64_t k, double p)
{
	if (k >= n)
		return 1;
	if ((double)k <= (double)n * p)
		return fmin(1, sum_falling((double)n, (double)(n - k), 1 - p));
	return 1 - vrng_binomial_or_more(n, k + 1, p);
}
