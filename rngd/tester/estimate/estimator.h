/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the estimators: samples, confidence bounds and figures. An
 * estimator takes samples and fills in an estimate, which is all zeros before.
 * It leaves the estimate not done where the standard defines none.
 *
 * Pure functions, except that some allocate. Several threads may call at once.
 */
#ifndef RNGD_TESTER_ESTIMATE_ESTIMATOR_H
#define RNGD_TESTER_ESTIMATE_ESTIMATOR_H

#include "vrng/estimate.h"

/* Z_(1-0.005), which the standard rounds to 2.576. */
#define VRNG_Z 2.5758293035489008

/* The caller owns the bytes. */
struct vrng_samples {
	const uint8_t *s; /* one sample in each byte */
	size_t len;
	unsigned int width; /* bits a sample: 1 to 8 */
	unsigned int symbols; /* k: number of different values */
};

/*
 * SP 800-90B, 6.3.1 to 6.3.4 and 6.3.7 to 6.3.10. Those that take @bits need
 * samples of width 1. Each returns 0 or -ENOMEM.
 */
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
 * The same with parameters other than the standard's, for its worked examples.
 * The standard's value in brackets: a dictionary of the first @d blocks
 * (1,000); windows of @lengths (63, 255, 1,023, 4,095), odd if the samples are
 * bits; @lags, at most 128 (128); @models of orders 1 and up, at most 16 (16);
 * tuples of up to @longest samples, at most 16 (16).
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

/*
 * p_u: upper end of the 99 % confidence interval of a share @p of @n samples.
 */
double vrng_upper_bound(double p, double n);

/*
 * Returns the lower end of the 99 % confidence interval of the @mean of @v
 * values with standard deviation @sigma. Appends all four as figures.
 */
double vrng_lower_mean(struct vrng_estimate *estimate, double v, double mean,
		       double sigma);

/* Append a figure; at most VRNG_FIGURES. @name must be static. */
void vrng_figure_add(struct vrng_estimate *estimate, const char *name,
		     double value);

/* Set the entropy from @p, the bound on the likeliest value's probability. */
void vrng_estimate_finish(struct vrng_estimate *estimate, double p);

#endif
