/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plot as SVG: bars for values, and lines for bounds. */
#ifndef RNGD_TESTER_EVIDENCE_PLOT_H
#define RNGD_TESTER_EVIDENCE_PLOT_H

#include <stddef.h>
#include <stdio.h>

struct rngtest_plot {
	const char *title; /* plain text, without <, > and & */
	const char *x_label; /* likewise */
	double x_first; /* what the first value stands for */
	double x_step;
	const double *values; /* finite; or NAN: there is none */
	size_t count; /* at least 1 */
	const double *bounds; /* values that get a dashed line across */
	size_t bound_count;
};

void rngtest_plot_draw(const struct rngtest_plot *plot, FILE *file);

#endif
