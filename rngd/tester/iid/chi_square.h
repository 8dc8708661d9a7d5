/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chi-square tests of SP 800-90B, 5.2.1 to 5.2.4. */
#ifndef RNGD_TESTER_IID_CHI_SQUARE_H
#define RNGD_TESTER_IID_CHI_SQUARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vrng_chi_square {
	double score;
	unsigned int freedom; /* degrees; 0: too few samples, or too alike */
	double probability; /* of such a score or more; 1 without freedom */
	bool passed; /* has freedom, and probability >= 0.001 */
};

/*
 * Test @len samples. If @bits, they are 0 and 1. Independence compares pairs of
 * samples, or tuples of bits, with what the frequencies of single ones lead to;
 * goodness of fit compares ten parts of the samples with the whole. Return 0 or
 * -ENOMEM.
 */
int vrng_chi_square_independence(const uint8_t *samples, size_t len, bool bits,
				 struct vrng_chi_square *result);
int vrng_chi_square_fit(const uint8_t *samples, size_t len, bool bits,
			struct vrng_chi_square *result);

/* The probability that a chi-square of @freedom degrees is @score or more. */
double vrng_chi_square_tail(double score, double freedom);

#endif
