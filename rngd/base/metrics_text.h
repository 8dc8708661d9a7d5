/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts of a text in the format of OpenMetrics 1.0, which Prometheus and its
 * node exporter's textfile collector read.
 */
#ifndef RNGD_BASE_METRICS_TEXT_H
#define RNGD_BASE_METRICS_TEXT_H

#include <stddef.h>
#include <stdio.h>

/*
 * The text that @print writes of @what, and "# EOF" after it: *@len bytes, to
 * be freed. NULL when there is no memory.
 */
char *vrng_metrics_text(void (*print)(FILE *out, const void *what),
			const void *what, size_t *len);

/*
 * The lines before the samples of a family (MetricFamily). @type: "counter",
 * "gauge" or "info". @unit: the last word of @name, or NULL.
 */
void vrng_metrics_family(FILE *out, const char *name, const char *type,
			 const char *unit, const char *help);

/* A label's value, escaped ("escaped-string"). */
void vrng_metrics_escape(FILE *out, const char *text);

#endif
