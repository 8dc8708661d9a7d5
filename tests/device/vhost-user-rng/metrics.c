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
	{ { PREFIX "connected", GAUGE, NULL,
	    "1 while a front end is connected, else 0." },
	  offsetof(struct metrics_row, metrics.is_connected) },
	{ { PREFIX "dry_waits", COUNTER, NULL,
	    "How often a request had to wait because the source had no bytes." },
	  offsetof(struct metrics_row, metrics.dry) },
	{ { PREFIX "dry", GAUGE, NULL,
	    "1 while a request waits for the source, else 0." },
	  offsetof(struct metrics_row, metrics.is_dry) },
	{ { PREFIX "throttled_waits", COUNTER, NULL,
	    "How often a request had to wait because of --max-bytes." },
	  offsetof(struct metrics_row, metrics.throttled) },
	{ { PREFIX "throttled", GAUGE, NULL,
	    "1 while a request waits because of --max-bytes, else 0." },
	  offsetof(struct metrics_row, metrics.is_throttled) },
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

#define TOTAL	   "vrng_devices_"
#define OF(member) offsetof(struct metrics_total, member)

/* Of the process. Counters go on when a guest goes. */
static const struct metric totals[] = {
	{ { TOTAL "guests", GAUGE, NULL, "Sockets that are served." },
	  OF(guests) },
	{ { TOTAL "connected", GAUGE, NULL,
	    "Guests whose front end is connected." },
	  OF(metrics.is_connected) },
	{ { TOTAL "connections", COUNTER, NULL,
	    "Connections of front ends taken." },
	  OF(metrics.guests) },
	{ { TOTAL "requests", COUNTER, NULL,
	    "Requests answered, malformed ones included." },
	  OF(metrics.requests) },
	{ { TOTAL "bytes", COUNTER, "bytes",
	    "Bytes written into guest memory." },
	  OF(metrics.bytes) },
	{ { TOTAL "malformed", COUNTER, NULL,
	    "Requests answered with nothing, and rings given up." },
	  OF(metrics.malformed) },
	{ { TOTAL "dry_waits", COUNTER, NULL,
	    "How often a request had to wait because the source had no bytes." },
	  OF(metrics.dry) },
	{ { TOTAL "dry", GAUGE, NULL,
	    "Guests of which a request waits for the source." },
	  OF(metrics.is_dry) },
	{ { TOTAL "throttled_waits", COUNTER, NULL,
	    "How often a request had to wait because of a limit." },
	  OF(metrics.throttled) },
	{ { TOTAL "throttled", GAUGE, NULL,
	    "Guests of which a request waits because of a limit." },
	  OF(metrics.is_throttled) },
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
				 .malformed = look(&m->malformed),
				 .dry = look(&m->dry),
				 .throttled = look(&m->throttled),
				 .is_connected = look(&m->is_connected),
				 .is_dry = look(&m->is_dry),
				 .is_throttled = look(&m->is_throttled) };
}

void metrics_sum(struct metrics *sum, const struct metrics *more)
{
	sum->guests += more->guests;
	sum->requests += more->requests;
	sum->bytes += more->bytes;
	sum->kicks += more->kicks;
	sum->signals += more->signals;
	sum->malformed += more->malformed;
	sum->forks += more->forks;
	sum->dry += more->dry;
	sum->throttled += more->throttled;
	sum->is_connected += more->is_connected;
	sum->is_dry += more->is_dry;
	sum->is_throttled += more->is_throttled;
}

/* What vrng_metrics_text() hands on. */
struct table {
	const struct metrics_total *total;
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

static void print_total(const struct vrng_metrics *m,
			const struct metric *metric,
			const struct metrics_total *total)
{
	const uint64_t *value =
		(const void *)((const char *)total + metric->offset);

	vrng_metrics_begin(m, &metric->family);
	vrng_metrics_name(m, &metric->family);
	vrng_metrics_label(m, 0, "process", total->process);
	vrng_metrics_value(m, 1, *value);
}

static void print(const struct vrng_metrics *m, const void *what)
{
	const struct table *table = what;

	print_build(m, what);
	for (size_t i = 0; i < VRNG_LENGTH(families); i++)
		print_family(m, &families[i], what);
	for (size_t i = 0; i < VRNG_LENGTH(totals); i++)
		print_total(m, &totals[i], table->total);
}

char *metrics_text(const struct metrics_total *total,
		   const struct metrics_row *rows, unsigned int n,
		   bool openmetrics, size_t *len)
{
	const struct table table = { .total = total, .rows = rows, .n = n };

	return vrng_metrics_text(print, &table, openmetrics, len);
}
