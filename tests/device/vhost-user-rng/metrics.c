// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>

#include "rngd/base/array.h"
#include "rngd/base/metrics_text.h"
#include "tests/device/vhost-user-rng/metrics.h"
#include "vrng/version.h"

#define PREFIX	"vrng_device_"
#define COUNTER VRNG_METRICS_COUNTER
#define GAUGE	VRNG_METRICS_GAUGE

struct metric {
	struct vrng_metrics_family family;
	size_t offset; /* of an uint64_t */
};

/* Of each socket, in struct metrics. */
static const struct metric by_socket[] = {
	{ { PREFIX "connections", COUNTER, NULL,
	    "Connections of front ends taken." },
	  offsetof(struct metrics, guests) },
	{ { PREFIX "requests", COUNTER, NULL,
	    "Requests answered, malformed ones included." },
	  offsetof(struct metrics, requests) },
	{ { PREFIX "bytes", COUNTER, "bytes",
	    "Bytes written into guest memory." },
	  offsetof(struct metrics, bytes) },
	{ { PREFIX "kicks", COUNTER, NULL, "Notifications taken from guests." },
	  offsetof(struct metrics, kicks) },
	{ { PREFIX "signals", COUNTER, NULL, "Interrupts sent to guests." },
	  offsetof(struct metrics, signals) },
	{ { PREFIX "malformed", COUNTER, NULL,
	    "Requests answered with nothing, and rings given up." },
	  offsetof(struct metrics, malformed) },
};

/* Of the program, in struct metrics_report. */
static const struct metric own[] = {
	{ { PREFIX "source_failures", COUNTER, NULL,
	    "How often the source ended, failed, stalled or was unplugged." },
	  offsetof(struct metrics_report, source.failures) },
	{ { PREFIX "source_reopens", COUNTER, NULL,
	    "How often the source was opened again after that, in vain or not." },
	  offsetof(struct metrics_report, source.reopens) },
	{ { PREFIX "source_down", GAUGE, NULL,
	    "1 while the source has failed, else 0." },
	  offsetof(struct metrics_report, source.is_down) },
	{ { PREFIX "faults", GAUGE, NULL,
	    "Kinds of mistakes made on purpose, by --fault." },
	  offsetof(struct metrics_report, faults) },
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
				 .signals = look(&m->signals),
				 .malformed = look(&m->malformed) };
}

static uint64_t value_of(const struct metric *metric, const void *object)
{
	return *(const uint64_t *)(const void *)((const char *)object +
						 metric->offset);
}

static void print_by_socket(const struct vrng_metrics *m,
			    const struct metric *metric,
			    const struct metrics_report *report)
{
	vrng_metrics_begin(m, &metric->family);
	for (unsigned int i = 0; i < report->n; i++) {
		const struct metrics_row *row = &report->rows[i];

		vrng_metrics_name(m, &metric->family);
		vrng_metrics_label(m, 0, "socket", row->socket);
		vrng_metrics_value(m, 1, value_of(metric, &row->metrics));
	}
}

static void print_own(const struct vrng_metrics *m, const struct metric *metric,
		      const struct metrics_report *report)
{
	vrng_metrics_begin(m, &metric->family);
	vrng_metrics_name(m, &metric->family);
	vrng_metrics_value(m, 0, value_of(metric, report));
}

static void print(const struct vrng_metrics *m, const void *what)
{
	vrng_metrics_begin(m, &build);
	vrng_metrics_name(m, &build);
	vrng_metrics_label(m, 0, "version", VRNG_VERSION);
	vrng_metrics_value(m, 1, 1);
	for (size_t i = 0; i < VRNG_LENGTH(own); i++)
		print_own(m, &own[i], what);
	for (size_t i = 0; i < VRNG_LENGTH(by_socket); i++)
		print_by_socket(m, &by_socket[i], what);
}

char *metrics_text(const struct metrics_report *report, bool openmetrics,
		   size_t *len)
{
	return vrng_metrics_text(print, report, openmetrics, len);
}
