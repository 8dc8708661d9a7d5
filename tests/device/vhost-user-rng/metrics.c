// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "rngd/base/metrics_text.h"
#include "tests/device/vhost-user-rng/metrics.h"

static const struct metric {
	const char *name;
	const char *help;
	size_t offset;
} metrics[] = {
	{ "connections", "Connections of front ends taken",
	  offsetof(struct stats, guests) },
	{ "requests", "Requests answered, malformed ones included",
	  offsetof(struct stats, requests) },
	{ "bytes", "Bytes written into guest memory",
	  offsetof(struct stats, bytes) },
	{ "kicks", "Notifications taken from guests",
	  offsetof(struct stats, kicks) },
	{ "signals", "Interrupts sent to guests",
	  offsetof(struct stats, signals) },
	{ "malformed", "Requests answered with nothing, and rings given up",
	  offsetof(struct stats, malformed) },
};

/* Of one text. */
struct table {
	const struct metrics_row *rows;
	unsigned int n;
};

static void print_metric(FILE *out, const struct metric *m,
			 const struct table *table)
{
	fprintf(out,
		"# TYPE vrng_device_%s counter\n# HELP vrng_device_%s %s.\n",
		m->name, m->name, m->help);
	for (unsigned int i = 0; i < table->n; i++) {
		const struct metrics_row *row = &table->rows[i];
		const char *stats = (const char *)&row->stats;

		fprintf(out, "vrng_device_%s_total{socket=\"", m->name);
		vrng_metrics_escape(out, row->socket);
		fprintf(out, "\"} %" PRIu64 "\n",
			*(const uint64_t *)(const void *)(stats + m->offset));
	}
}

static void print(FILE *out, const void *what)
{
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		print_metric(out, &metrics[i], what);
}

char *metrics_text(const struct metrics_row *rows, unsigned int n, size_t *len)
{
	const struct table table = { .rows = rows, .n = n };

	return vrng_metrics_text(print, &table, len);
}
