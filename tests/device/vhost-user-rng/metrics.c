// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>

#include "rngd/base/array.h"
#include "rngd/base/metrics_text.h"
#include "tests/device/vhost-user-rng/metrics.h"
#include "vrng/version.h"

#define PREFIX	"vrng_device_"
#define COUNTER VRNG_METRICS_COUNTER
#define GAUGE	VRNG_METRICS_GAUGE

static const struct metric {
	struct vrng_metrics_family family;
	size_t offset; /* of an uint64_t in struct metrics_row */
} families[] = {
	{ { PREFIX "connections", COUNTER, NULL,
	    "Connections of front ends taken." },
	  offsetof(struct metrics_row, metrics.guests) },
	{ { PREFIX "requests", COUNTER, NULL,
	    "Requests answered, malformed ones included." },
	  offsetof(struct metrics_row, metrics.requests) },
	{ { PREFIX "bytes", COUNTER, "bytes",
	    "Bytes written into guest memory." },
	  offsetof(struct metrics_row, metrics.bytes) },
	{ { PREFIX "kicks", COUNTER, NULL, "Notifications taken from guests." },
	  offsetof(struct metrics_row, metrics.kicks) },
	{ { PREFIX "signals", COUNTER, NULL, "Interrupts sent to guests." },
	  offsetof(struct metrics_row, metrics.signals) },
	{ { PREFIX "malformed", COUNTER, NULL,
	    "Requests answered with nothing, and rings given up." },
	  offsetof(struct metrics_row, metrics.malformed) },
	{ { PREFIX "fork_drops", COUNTER, NULL,
	    "How often held bytes were dropped because this host was cloned." },
	  offsetof(struct metrics_row, metrics.forks) },
	{ { PREFIX "source_failures", COUNTER, NULL,
	    "How often the source ended, failed, stalled or was unplugged." },
	  offsetof(struct metrics_row, source.failures) },
	{ { PREFIX "source_reopens", COUNTER, NULL,
	    "How often the source was opened again after that, in vain or not." },
	  offsetof(struct metrics_row, source.reopens) },
	{ { PREFIX "source_restarts", COUNTER, NULL,
	    "How often the process that reads the source was started again." },
	  offsetof(struct metrics_row, source.restarts) },
	{ { PREFIX "source_down", GAUGE, NULL,
	    "1 while the source has failed, else 0." },
	  offsetof(struct metrics_row, source.is_down) },
	{ { PREFIX "faults", GAUGE, NULL,
	    "Kinds of mistakes made on purpose, by --fault." },
	  offsetof(struct metrics_row, faults) },
};

static const struct vrng_metrics_family build = {
	PREFIX "build", VRNG_METRICS_INFO, NULL, "The version of the program."
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
				 .forks = look(&m->forks),
				 .signals = look(&m->signals),
				 .malformed = look(&m->malformed) };
}

void metrics_sum(struct metrics *sum, const struct metrics *more)
{
	sum->guests += more->guests;
	sum->requests += more->requests;
	sum->bytes += more->bytes;
	sum->kicks += more->kicks;
	sum->signals += more->signals;
	sum->malformed += more->malformed;
}

/* What vrng_metrics_text() hands on. */
struct table {
	const struct metrics_row *rows;
	unsigned int n;
};

static void print_family(const struct vrng_metrics *m,
			 const struct metric *metric, const struct table *table)
{
	const uint64_t *value;

	vrng_metrics_begin(m, &metric->family);
	for (unsigned int i = 0; i < table->n; i++) {
		value = (const void *)((const char *)&table->rows[i] +
				       metric->offset);
		vrng_metrics_name(m, &metric->family);
		vrng_metrics_label(m, 0, "socket", table->rows[i].socket);
		vrng_metrics_value(m, 1, *value);
	}
}

static void print_build(const struct vrng_metrics *m, const struct table *table)
{
	vrng_metrics_begin(m, &build);
	for (unsigned int i = 0; i < table->n; i++) {
		vrng_metrics_name(m, &build);
		vrng_metrics_label(m, 0, "socket", table->rows[i].socket);
		vrng_metrics_label(m, 1, "version", VRNG_VERSION);
		vrng_metrics_value(m, 2, 1);
	}
}

static void print(const struct vrng_metrics *m, const void *what)
{
	print_build(m, what);
	for (size_t i = 0; i < VRNG_LENGTH(families); i++)
		print_family(m, &families[i], what);
}

char *metrics_text(const struct metrics_row *rows, unsigned int n,
		   bool openmetrics, size_t *len)
{
	const struct table table = { .rows = rows, .n = n };

	return vrng_metrics_text(print, &table, openmetrics, len);
}
