// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>

#include "rngd/base/array.h"
#include "rngd/base/metrics_text.h"
#include "tests/device/egd-server/metrics.h"
#include "vrng/version.h"

#define PREFIX	"egd_server_"
#define COUNTER VRNG_METRICS_COUNTER
#define GAUGE	VRNG_METRICS_GAUGE

static const struct metric {
	struct vrng_metrics_family family;
	size_t offset; /* in struct egd_metrics_report */
} metrics[] = {
	{ { PREFIX "clients_accepted", COUNTER, NULL, "Connections taken." },
	  offsetof(struct egd_metrics_report, server.accepted) },
	{ { PREFIX "clients_refused", COUNTER, NULL,
	    "Connections beyond --max-clients or --max-per-peer." },
	  offsetof(struct egd_metrics_report, server.refused) },
	{ { PREFIX "clients_dropped", COUNTER, NULL,
	    "Connections ended for a bad request or idleness." },
	  offsetof(struct egd_metrics_report, server.dropped) },
	{ { PREFIX "requests", COUNTER, NULL, "Requests taken." },
	  offsetof(struct egd_metrics_report, server.counts.requests) },
	{ { PREFIX "bytes", COUNTER, "bytes",
	    "Random bytes given to clients." },
	  offsetof(struct egd_metrics_report, server.counts.bytes) },
	{ { PREFIX "written_bytes", COUNTER, "bytes",
	    "Bytes that clients wrote, not used." },
	  offsetof(struct egd_metrics_report, server.counts.written) },
	{ { PREFIX "fork_drops", COUNTER, NULL,
	    "How often bytes at hand were dropped because this host was cloned." },
	  offsetof(struct egd_metrics_report, server.counts.forks) },
	{ { PREFIX "clients", GAUGE, NULL, "Connections open now." },
	  offsetof(struct egd_metrics_report, server.clients) },
	{ { PREFIX "clients_max", GAUGE, NULL, "The value of --max-clients." },
	  offsetof(struct egd_metrics_report, max_clients) },
	{ { PREFIX "dry_waits", COUNTER, NULL,
	    "How often clients had to wait because the source had no bytes." },
	  offsetof(struct egd_metrics_report, server.dry_waits) },
	{ { PREFIX "dry", GAUGE, NULL,
	    "1 while clients wait for the source, else 0." },
	  offsetof(struct egd_metrics_report, server.is_dry) },
	{ { PREFIX "throttled_waits", COUNTER, NULL,
	    "How often clients had to wait because of --max-bytes." },
	  offsetof(struct egd_metrics_report, server.throttled_waits) },
	{ { PREFIX "throttled", GAUGE, NULL,
	    "1 while clients wait because of --max-bytes, else 0." },
	  offsetof(struct egd_metrics_report, server.is_throttled) },
	{ { PREFIX "source_failures", COUNTER, NULL,
	    "How often the source ended, failed, stalled or was unplugged." },
	  offsetof(struct egd_metrics_report, source.failures) },
	{ { PREFIX "source_reopens", COUNTER, NULL,
	    "How often the source was opened again after that, in vain or not." },
	  offsetof(struct egd_metrics_report, source.reopens) },
	{ { PREFIX "source_restarts", COUNTER, NULL,
	    "How often the process that reads the source was started again." },
	  offsetof(struct egd_metrics_report, source.restarts) },
	{ { PREFIX "source_down", GAUGE, NULL,
	    "1 while the source has failed, else 0." },
	  offsetof(struct egd_metrics_report, source.is_down) },
};

static const struct vrng_metrics_family build = {
	PREFIX "build", VRNG_METRICS_INFO, NULL, "The version of the program."
};

static void print(const struct vrng_metrics *m, const void *what)
{
	const uint64_t *value;

	vrng_metrics_begin(m, &build);
	vrng_metrics_name(m, &build);
	vrng_metrics_label(m, 0, "version", VRNG_VERSION);
	vrng_metrics_value(m, 1, 1);
	for (size_t i = 0; i < VRNG_LENGTH(metrics); i++) {
		value = (const void *)((const char *)what + metrics[i].offset);
		vrng_metrics_begin(m, &metrics[i].family);
		vrng_metrics_name(m, &metrics[i].family);
		vrng_metrics_value(m, 0, *value);
	}
}

char *egd_metrics_text(const struct egd_metrics_report *report,
		       bool openmetrics, size_t *len)
{
	return vrng_metrics_text(print, report, openmetrics, len);
}
