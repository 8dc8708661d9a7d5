/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the estimators share: the samples they look at, and the bound on what
 * was counted. Each estimator takes samples and fills in an estimate; it leaves
 * it not done where the standard defines none.
 */
#ifndef RNGD_TESTER_ESTIMATE_ESTIMATOR_H
#define RNGD_TESTER_ESTIMATE_ESTIMATOR_H

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

/*
 * The same with other parameters than the standard's own, as in its worked
 * examples: a dictionary of the first @d blocks (1,000), windows of @lengths
 * (63, 255, 1,023, 4,095; odd if the samples are bits), @lags (128 at most),
 * @models of order 1 and up (16 at most), tuples of up to @longest samples (16
 * at most).
 */
#define VRNG_MCW_WINDOWS 4

int vrng_estimate_compression_of(const struct vrng_samples *bits, size_t d,
				 struct vrng_estimate *estimate);
int vrng_estimate_multi_mcw_of(const struct vrng_samples *samples,
			       const size_t lengths[VRNG_MCW_WINDOWS],
			       struct vrng_estimate *estimate);
int vrng_estimate_lag_of(const struct vrng_samples *samples, unsigned int lags,
			 struct vrng_estimate *estimate);
int vrng_estimate_multi_mmc_of(const struct vrng_samples *samples,
			       unsigned int models,
			       struct vrng_estimate *estimate);
int vrng_estimate_lz78y_of(const struct vrng_samples *samples,
			   unsigned int longest,
			   struct vrng_estimate *estimate);

/* p_u: the upper end of the 99 % confidence interval of @p, seen @n times. */
double vrng_upper_bound(double p, double n);

/*
 * The lower end of the 99 % confidence interval of @mean, of @v values with a
 * standard deviation of @sigma. All four are appended.
 */
double vrng_lower_mean(struct vrng_estimate *estimate, double v, double mean,
		       double sigma);

/* Append a figure. */
void vrng_figure_add(struct vrng_estimate *estimate, const char *name,
		     double value);

/* Finish with the probability @p of the likeliest value, at most 1. */
void vrng_estimate_finish(struct vrng_estimate *estimate, double p);

#endif
