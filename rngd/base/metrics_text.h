/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters as text in the format of OpenMetrics 1.0: what Prometheus and its
 * node exporter's textfile collector read.
 */
#ifndef RNGD_BASE_METRICS_TEXT_H
#define RNGD_BASE_METRICS_TEXT_H

#include <stddef.h>
#include <stdio.h>

/*
 * All that @print writes of @what, and the format's end: *@len bytes, to be
 * freed; NULL when there is no memory.
 */
char *vrng_metrics_text(void (*print)(FILE *out, const void *what),
			const void *what, size_t *len);

/* A label's value: "escaped-string" of the format. */
void vrng_metrics_escape(FILE *out, const char *text);

#endif
