// SPDX-License-Identifier: GPL-2.0-or-later
/* SP 800-90B, 6.3.1: the most common value estimate. */
#include "rngd/tester/estimate/estimator.h"

int vrng_estimate_mcv(const struct vrng_samples *samples,
		      struct vrng_estimate *estimate)
{
	size_t counts[256] = { 0 }, mode = 0, i;
	double p, p_u;

	if (samples->len < 2)
		return 0;
	for (i = 0; i < samples->len; i++)
		counts[samples->s[i]]++;
	for (i = 0; i < 256; i++)
		if (counts[i] > mode)
			mode = counts[i];
	p = (double)mode / (double)samples->len;
	p_u = vrng_upper_bound(p, (double)samples->len);
	vrng_figure_add(estimate, "mode", (double)mode);
	vrng_figure_add(estimate, "p_hat", p);
	vrng_figure_add(estimate, "p_u", p_u);
	vrng_estimate_finish(estimate, p_u);
	return 0;
}
