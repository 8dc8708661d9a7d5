/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The binomial distribution: @n trials, each a success with probability @p,
 * 0 < @p < 1. Pure functions.
 */
#ifndef RNGD_CHECKS_BINOMIAL_H
#define RNGD_CHECKS_BINOMIAL_H

#include <stdint.h>

/* ln of the probability of @k successes, 0 <= @k <= @n. */
double vrng_binomial_log(double n, double k, double p);

/*
 * The probability of @k successes or more, and of @k or fewer. Small
 * probabilities are as exact as large ones: terms are added up from @k outwards.
 */
double vrng_binomial_or_more(uint64_t n, uint64_t k, double p);
double vrng_binomial_or_fewer(uint64_t n, uint64_t k, double p);

#endif
