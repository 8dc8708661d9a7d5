/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the estimators share: the samples they look at, and the bound on what
 * was counted. Each estimator takes samples and fills in an estimate; it leaves
 * it not done where the standard defines none.
 */
#ifndef VRNG_ESTIMATE_ESTIMATOR_H
#define VRNG_ESTIMATE_ESTIMATOR_H

#include "vrng/estimate.h"

/* Z_(1-0.005), which the standard rounds to 2.576. */
#define VRNG_Z 2.5758293035489008

struct vrng_samples {
	const uint8_t *s;
	size_t len;
	unsigned int width; /* bits a sample: 8 or 1 */
	unsigned int symbols; /* k: how many values there are */
};

/* Each returns 0 or -ENOMEM. */
int vrng_estimate_mcv(const struct vrng_samples *samples,
		      struct vrng_estimate *estimate);
int vrng_estimate_collision(const struct vrng_samples *bits,
			    struct vrng_estimate *estimate);
int vrng_estimate_markov(const struct vrng_samples *bits,
			 struct vrng_estimate *estimate);
int vrng_estimate_compression(const struct vrng_samples *bits,
			      struct vrng_estimate *estimate);
int vrng_estimate_multi_mcw(const struct vrng_samples *samples,
			    struct vrng_estimate *estimate);
int vrng_estimate_lag(const struct vrng_samples *samples,
		      struct vrng_estimate *estimate);
int vrng_estimate_multi_mmc(const struct vrng_samples *samples,
			    struct vrng_estimate *estimate);
int vrng_estimate_lz78y(const struct vrng_samples *samples,
			struct vrng_estimate *estimate);

/* The compression estimate with a dictionary of the first @d blocks. */
int vrng_estimate_compression_after(const struct vrng_samples *bits, size_t d,
				    struct vrng_estimate *estimate);

/* p_u: the upper end of the 99 % confidence interval of @p, seen @n times. */
double vrng_upper_bound(double p, double n);

/* Append a figure. */
void vrng_figure_add(struct vrng_estimate *estimate, const char *name,
		     double value);

/* Finish with the probability @p of the likeliest value, at most 1. */
void vrng_estimate_finish(struct vrng_estimate *estimate, double p);

#endif
