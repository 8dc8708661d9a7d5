// SPDX-License-Identifier: GPL-2.0-or-later
/* Code shared by the estimators: see estimator.h. */
#include <math.h>
#include <string.h>

#include "rngd/tester/estimate/estimator.h"

static const struct {
	const char *name;
	const char *key;
	const char *section;
} estimators[VRNG_ESTIMATORS] = {
	[VRNG_EST_MCV] = { "Most common value", "mcv", "6.3.1" },
	[VRNG_EST_COLLISION] = { "Collision", "collision", "6.3.2" },
	[VRNG_EST_MARKOV] = { "Markov", "markov", "6.3.3" },
	[VRNG_EST_COMPRESSION] = { "Compression", "compression", "6.3.4" },
	[VRNG_EST_T_TUPLE] = { "t-tuple", "t_tuple", "6.3.5" },
	[VRNG_EST_LRS] = { "LRS", "lrs", "6.3.6" },
	[VRNG_EST_MULTI_MCW] = { "MultiMCW", "multi_mcw", "6.3.7" },
	[VRNG_EST_LAG] = { "Lag", "lag", "6.3.8" },
	[VRNG_EST_MULTI_MMC] = { "MultiMMC", "multi_mmc", "6.3.9" },
	[VRNG_EST_LZ78Y] = { "LZ78Y", "lz78y", "6.3.10" },
};

const char *vrng_estimator_name(enum vrng_estimator estimator)
{
	return estimators[estimator].name;
}

const char *vrng_estimator_key(enum vrng_estimator estimator)
{
	return estimators[estimator].key;
}

const char *vrng_estimator_section(enum vrng_estimator estimator)
{
	return estimators[estimator].section;
}

double vrng_estimate_figure(const struct vrng_estimate *estimate,
			    const char *name)
{
	unsigned int i;

	for (i = 0; i < estimate->count; i++)
		if (strcmp(estimate->figures[i].name, name) == 0)
			return estimate->figures[i].value;
	return (double)NAN;
}

double vrng_upper_bound(double p, double n)
{
	return fmin(1, p + VRNG_Z * sqrt(p * (1 - p) / (n - 1)));
}

void vrng_figure_add(struct vrng_estimate *estimate, const char *name,
		     double value)
{
	struct vrng_figure *figure = &estimate->figures[estimate->count++];

	figure->name = name;
	figure->value = value;
}

double vrng_lower_mean(struct vrng_estimate *estimate, double v, double mean,
		       double sigma)
{
	const double bound = mean - VRNG_Z * sigma / sqrt(v);

	vrng_figure_add(estimate, "v", v);
	vrng_figure_add(estimate, "x_bar", mean);
	vrng_figure_add(estimate, "sigma_hat", sigma);
	vrng_figure_add(estimate, "x_bar_prime", bound);
	return bound;
}

void vrng_estimate_finish(struct vrng_estimate *estimate, double p)
{
	estimate->done = true;
	/* -log2(1) would be -0. */
	estimate->entropy = p < 1 ? -log2(p) : 0;
}
