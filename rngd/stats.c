// SPDX-License-Identifier: GPL-2.0-or-later
/* What the daemon has done so far: see stats.h. */
#include <inttypes.h>

#include "rngd/stats.h"

static void log_count(const struct rngd_log *log, const char *what, uint64_t n)
{
	rngd_log(log, RNGD_LOG_INFO, "stats: %s: %" PRIu64, what, n);
}

void rngd_stats_log(const struct rngd_stats *stats,
		    const struct vrng_sink *sink, const struct rngd_log *log)
{
	char line[128];
	unsigned int i;

	log_count(log, "bytes received from source", stats->bytes_in);
	for (i = 0; i < VRNG_TALLY_LINES; i++) {
		vrng_tally_line(&stats->tally, i, line, sizeof(line));
		rngd_log(log, RNGD_LOG_INFO, "stats: %s", line);
	}

	if (vrng_sink_type(sink) != VRNG_SINK_KERNEL) {
		log_count(log, "bytes written to output", stats->bytes_out);
		return;
	}
	log_count(log, "bytes added to kernel pool", stats->bytes_out);
	log_count(log, "bits of entropy credited", stats->bits);
	if (stats->level >= 0)
		log_count(log, "kernel entropy_avail", (uint64_t)stats->level);
}
