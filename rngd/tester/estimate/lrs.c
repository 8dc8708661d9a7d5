// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SP 800-90B, 6.3.6: the longest repeated substring estimate, from the
 * probability that two tuples are equal, for the lengths that 6.3.5 leaves out.
 */
#include <math.h>

#include "rngd/tester/estimate/repeats.h"

void vrng_estimate_lrs(const struct vrng_repeats *repeats, uint32_t cutoff,
		       struct vrng_estimate *estimate)
{
	const double len = (double)repeats->len;
	double n, p, most = 0, p_u;
	size_t u = 1, w;

	while (u <= repeats->longest && repeats->most[u] >= cutoff)
		u++;
	if (u > repeats->longest)
		return;
	for (w = u; w <= repeats->longest; w++) {
		n = len - (double)w + 1;
		p = (double)repeats->pairs[w] / (n * (n - 1) / 2);
		most = fmax(most, pow(p, 1 / (double)w));
	}
	p_u = vrng_upper_bound(most, len);
	vrng_figure_add(estimate, "u", (double)u);
	vrng_figure_add(estimate, "v", (double)repeats->longest);
	vrng_figure_add(estimate, "p_hat", most);
	vrng_figure_add(estimate, "p_u", p_u);
	vrng_estimate_finish(estimate, p_u);
}
