// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "tests/device/egd-server/metrics.h"
#include "rngd/base/metrics_text.h"

static void counter(FILE *out, const char *name, const char *help,
		    uint64_t value)
{
	fprintf(out,
		"# TYPE egd_server_%s counter\n# HELP egd_server_%s %s\n"
		"egd_server_%s_total %" PRIu64 "\n",
		name, name, help, name, value);
}

static void print(FILE *out, const void *what)
{
	const struct egd_server_stats *s = what;

	counter(out, "clients_accepted", "Connections taken.", s->accepted);
	counter(out, "clients_refused", "Connections beyond --max-clients.",
		s->refused);
	counter(out, "clients_dropped",
		"Connections ended for nonsense or "
		"idleness.",
		s->dropped);
	counter(out, "requests", "Requests taken.", s->counts.requests);
	counter(out, "bytes", "Random bytes given to clients.",
		s->counts.bytes);
	counter(out, "written_bytes", "Bytes that clients wrote, not used.",
		s->counts.written);
	fprintf(out,
		"# TYPE egd_server_clients gauge\n"
		"# HELP egd_server_clients Connections open now.\n"
		"egd_server_clients %" PRIu64 "\n",
		s->clients);
}

char *egd_metrics_text(const struct egd_server_stats *stats, size_t *len)
{
	return vrng_metrics_text(print, stats, len);
}
