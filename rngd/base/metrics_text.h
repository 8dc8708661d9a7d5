/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics as text, in one of two formats. Prometheus's text format, version 0.0.4,
 * is the one that collectors read from files: in it HELP and TYPE name the sample
 * itself. In that of OpenMetrics 1.0 they name its family, without the suffix
 * "_total" of a counter or "_info" of an info, and "# EOF" ends the text.
 */
#ifndef RNGD_BASE_METRICS_TEXT_H
#define RNGD_BASE_METRICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct vrng_metrics {
	FILE *out;
	bool openmetrics; /* false: Prometheus's text format */
};

enum vrng_metrics_type {
	VRNG_METRICS_GAUGE,
	VRNG_METRICS_COUNTER, /* its samples are NAME_total */
	VRNG_METRICS_INFO /* its sample is NAME_info, of value 1 */
};

/* The samples of a family stand together, below its lines. */
struct vrng_metrics_family {
	const char *name;
	enum vrng_metrics_type type;
	const char *unit; /* the last word of the name, or NULL */
	const char *help; /* one line, without backslashes and quotes */
};

/*
 * The text that @print writes of @what: *@len bytes, to be freed. NULL when there
 * is no memory.
 */
char *vrng_metrics_text(void (*print)(const struct vrng_metrics *metrics,
				      const void *what),
			const void *what, bool openmetrics, size_t *len);

/* The lines of @family, which come before its samples. */
void vrng_metrics_begin(const struct vrng_metrics *metrics,
			const struct vrng_metrics_family *family);

/* A sample: its name, its labels if it has any, its value. */
void vrng_metrics_name(const struct vrng_metrics *metrics,
		       const struct vrng_metrics_family *family);

/*
 * A label. @n: how many labels of this sample came before. A byte of @value that
 * is not UTF-8 is written as "\xHH".
 */
void vrng_metrics_label(const struct vrng_metrics *metrics, unsigned int n,
			const char *name, const char *value);

/* @labels: how many there were. */
void vrng_metrics_value(const struct vrng_metrics *metrics, unsigned int labels,
			uint64_t value);

/* The value is @value / @parts. @parts divides 1000. */
void vrng_metrics_fraction(const struct vrng_metrics *metrics,
			   unsigned int labels, uint64_t value,
			   unsigned int parts);

/* The end of the text. */
void vrng_metrics_end(const struct vrng_metrics *metrics);

#endif
