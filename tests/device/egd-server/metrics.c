// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "rngd/base/array.h"
#include "rngd/base/metrics_text.h"
#include "tests/device/egd-server/metrics.h"

#define PREFIX "egd_server_"

static const struct metric {
	const char *name;
	const char *help;
	size_t offset; /* in struct egd_server_stats */
} counters[] = {
	{ PREFIX "clients_accepted", "Connections taken.",
	  offsetof(struct egd_server_stats, accepted) },
	{ PREFIX "clients_refused",
	  "Connections beyond --max-clients or --max-per-peer.",
	  offsetof(struct egd_server_stats, refused) },
	{ PREFIX "clients_dropped",
	  "Connections ended for a bad request or idleness.",
	  offsetof(struct egd_server_stats, dropped) },
	{ PREFIX "requests", "Requests taken.",
	  offsetof(struct egd_server_stats, counts.requests) },
	{ PREFIX "bytes", "Random bytes given to clients.",
	  offsetof(struct egd_server_stats, counts.bytes) },
	{ PREFIX "written_bytes", "Bytes that clients wrote, not used.",
	  offsetof(struct egd_server_stats, counts.written) },
};

static void print(FILE *out, const void *what)
{
	const struct egd_server_stats *stats = what;

	for (size_t i = 0; i < VRNG_LENGTH(counters); i++) {
		const struct metric *m = &counters[i];
		const uint64_t *value =
			(const void *)((const char *)what + m->offset);

		vrng_metrics_family(out, m->name, "counter", NULL, m->help);
		fprintf(out, "%s_total %" PRIu64 "\n", m->name, *value);
	}
	vrng_metrics_family(out, PREFIX "clients", "gauge", NULL,
			    "Connections open now.");
	fprintf(out, PREFIX "clients %" PRIu64 "\n", stats->clients);
}

char *egd_metrics_text(const struct egd_server_stats *stats, size_t *len)
{
	return vrng_metrics_text(print, stats, len);
}
