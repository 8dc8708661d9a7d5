// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>

#include "rngd/base/metrics_text.h"
#include "rngd/base/utf8.h"

char *vrng_metrics_text(void (*print)(const struct vrng_metrics *metrics,
				      const void *what),
			const void *what, bool openmetrics, size_t *len)
{
	char *text = NULL;
	struct vrng_metrics metrics = { .out = open_memstream(&text, len),
					.openmetrics = openmetrics };
	bool bad;

	if (!metrics.out)
		return NULL;
	print(&metrics, what);
	vrng_metrics_end(&metrics);
	bad = ferror(metrics.out);
	if (!fclose(metrics.out) && !bad)
		return text;
	free(text);
	return NULL;
}

static const char *suffix(const struct vrng_metrics_family *family)
{
	static const char *const suffixes[] = { [VRNG_METRICS_GAUGE] = "",
						[VRNG_METRICS_COUNTER] =
							"_total",
						[VRNG_METRICS_INFO] = "_info" };

	return suffixes[family->type];
}

/* Prometheus's text format has no info: it is a gauge there. */
static const char *type_name(const struct vrng_metrics *metrics,
			     const struct vrng_metrics_family *family)
{
	if (family->type == VRNG_METRICS_COUNTER)
		return "counter";
	if (family->type == VRNG_METRICS_INFO && metrics->openmetrics)
		return "info";
	return "gauge";
}

void vrng_metrics_begin(const struct vrng_metrics *metrics,
			const struct vrng_metrics_family *family)
{
	const char *end = metrics->openmetrics ? "" : suffix(family);

	fprintf(metrics->out, "# HELP %s%s %s\n", family->name, end,
		family->help);
	fprintf(metrics->out, "# TYPE %s%s %s\n", family->name, end,
		type_name(metrics, family));
	if (metrics->openmetrics && family->unit)
		fprintf(metrics->out, "# UNIT %s %s\n", family->name,
			family->unit);
}

void vrng_metrics_name(const struct vrng_metrics *metrics,
		       const struct vrng_metrics_family *family)
{
	fprintf(metrics->out, "%s%s", family->name, suffix(family));
}

static void write_escaped(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
}

void vrng_metrics_label(const struct vrng_metrics *metrics, unsigned int n,
			const char *name, const char *value)
{
	char piece[VRNG_UTF8_PIECE];

	fprintf(metrics->out, "%c%s=\"", n ? ',' : '{', name);
	while (*value) {
		value += vrng_utf8_piece(piece, value);
		write_escaped(piece, metrics->out);
	}
	fputc('"', metrics->out);
}

static void end_labels(const struct vrng_metrics *metrics, unsigned int labels)
{
	fputs(labels ? "} " : " ", metrics->out);
}

void vrng_metrics_value(const struct vrng_metrics *metrics, unsigned int labels,
			uint64_t value)
{
	end_labels(metrics, labels);
	fprintf(metrics->out, "%" PRIu64 "\n", value);
}

/* A counter must not lose bits, so this uses no floating point. */
void vrng_metrics_fraction(const struct vrng_metrics *metrics,
			   unsigned int labels, uint64_t value,
			   unsigned int parts)
{
	end_labels(metrics, labels);
	fprintf(metrics->out, "%" PRIu64 ".%03" PRIu64 "\n", value / parts,
		value % parts * 1000 / parts);
}

void vrng_metrics_end(const struct vrng_metrics *metrics)
{
	if (metrics->openmetrics)
		fputs("# EOF\n", metrics->out);
}
