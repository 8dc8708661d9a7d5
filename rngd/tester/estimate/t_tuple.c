// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SP 800-90B, 6.3.5: the t-tuple estimate, from the number of occurrences of
 * the most common tuple of each length, up to the last length where it reaches
 * the cut-off.
 */
#include <math.h>

#include "rngd/tester/estimate/repeats.h"

/*
 * If no tuple repeats, repeats->longest is 0 and Q[1] is 1, below any cut-off:
 * there is no estimate.
 */
void vrng_estimate_t_tuple(const struct vrng_repeats *repeats, uint32_t cutoff,
			   struct vrng_estimate *estimate)
{
	const double len = (double)repeats->len;
	double p, most = 0, p_u;
	size_t t;

	for (t = 0; t < repeats->longest; t++) {
		if (repeats->most[t + 1] < cutoff)
			break;
		p = (double)repeats->most[t + 1] / (len - (double)t);
		most = fmax(most, pow(p, 1 / (double)(t + 1)));
	}
	if (!t)
		return;
	p_u = vrng_upper_bound(most, len);
	vrng_figure_add(estimate, "t", (double)t);
	vrng_figure_add(estimate, "p_hat", most);
	vrng_figure_add(estimate, "p_u", p_u);
	vrng_estimate_finish(estimate, p_u);
}
