// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "rngd/base/array.h"
#include "rngd/base/metrics_text.h"
#include "tests/device/vhost-user-rng/metrics.h"

#define PREFIX "vrng_device_"

static const struct metric {
	const char *name;
	const char *help;
	size_t offset; /* in struct metrics */
} families[] = {
	{ PREFIX "connections", "Connections of front ends taken.",
	  offsetof(struct metrics, guests) },
	{ PREFIX "requests", "Requests answered, malformed ones included.",
	  offsetof(struct metrics, requests) },
	{ PREFIX "bytes", "Bytes written into guest memory.",
	  offsetof(struct metrics, bytes) },
	{ PREFIX "kicks", "Notifications taken from guests.",
	  offsetof(struct metrics, kicks) },
	{ PREFIX "signals", "Interrupts sent to guests.",
	  offsetof(struct metrics, signals) },
	{ PREFIX "malformed",
	  "Requests answered with nothing, and rings given up.",
	  offsetof(struct metrics, malformed) },
};

static uint64_t look(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

struct metrics metrics_look(const struct metrics *m)
{
	return (struct metrics){ .guests = look(&m->guests),
				 .requests = look(&m->requests),
				 .bytes = look(&m->bytes),
				 .kicks = look(&m->kicks),
				 .signals = look(&m->signals),
				 .malformed = look(&m->malformed) };
}

/* What vrng_metrics_text() hands on. */
struct table {
	const struct metrics_row *rows;
	unsigned int n;
};

static void print_family(FILE *out, const struct metric *m,
			 const struct table *table)
{
	vrng_metrics_family(out, m->name, "counter", NULL, m->help);
	for (unsigned int i = 0; i < table->n; i++) {
		const struct metrics_row *row = &table->rows[i];
		const uint64_t *value =
			(const void *)((const char *)&row->metrics + m->offset);

		fprintf(out, "%s_total{socket=\"", m->name);
		vrng_metrics_escape(out, row->socket);
		fprintf(out, "\"} %" PRIu64 "\n", *value);
	}
}

static void print(FILE *out, const void *what)
{
	for (size_t i = 0; i < VRNG_LENGTH(families); i++)
		print_family(out, &families[i], what);
}

char *metrics_text(const struct metrics_row *rows, unsigned int n, size_t *len)
{
	const struct table table = { .rows = rows, .n = n };

	return vrng_metrics_text(print, &table, len);
}
