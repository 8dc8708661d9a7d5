// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters and their lines in the log: see stats.h. */
#include <inttypes.h>

#include "rngd/feed/stats.h"

void rngd_stats_add(struct rngd_stats *to, const struct rngd_stats *stats)
{
	unsigned int i;

	to->bytes_in += stats->bytes_in;
	to->tested += stats->tested;
	to->failed += stats->failed;
	to->repeated += stats->repeated;
	to->conditioned += stats->conditioned;
	to->bytes_out += stats->bytes_out;
	to->credited += stats->credited;
	to->claimed += stats->claimed;
	to->bits += stats->bits;
	to->health += stats->health;
	to->suspended += stats->suspended;
	to->dropped += stats->dropped;
	to->failures += stats->failures;
	to->reopens += stats->reopens;
	to->good += stats->good;
	to->bad += stats->bad;
	to->tally.good += stats->tally.good;
	to->tally.bad += stats->tally.bad;
	for (i = 0; i < VRNG_FIPS_TESTS; i++)
		to->tally.failed[i] += stats->tally.failed[i];
}

static void log_count(struct vrng_log *log, const char *what, uint64_t n)
{
	vrng_log(log, VRNG_LOG_ASKED, "stats: %s: %" PRIu64, what, n);
}

void rngd_stats_log(const struct rngd_stats *stats, int level,
		    const struct vrng_sink *sink, struct vrng_log *log)
{
	char line[128];
	unsigned int i;

	log_count(log, "bytes received from source", stats->bytes_in);
	for (i = 0; i < VRNG_TALLY_LINES; i++) {
		vrng_tally_line(&stats->tally, i, line, sizeof(line));
		vrng_log(log, VRNG_LOG_ASKED, "stats: %s", line);
	}
	log_count(log, "SP 800-90B failures", stats->health);

	if (vrng_sink_type(sink) != VRNG_SINK_KERNEL) {
		log_count(log, "bytes written to output", stats->bytes_out);
		return;
	}
	log_count(log, "bytes added to kernel pool", stats->bytes_out);
	log_count(log, "bits of entropy credited", stats->bits);
	if (level >= 0)
		log_count(log, "kernel entropy_avail", (uint64_t)level);
}

void rngd_stats_log_source(const struct rngd_stats *stats, const char *name,
			   const char *state, struct vrng_log *log)
{
	vrng_log(log, VRNG_LOG_ASKED,
		 "stats: %s: %s, %" PRIu64 " bytes received, %" PRIu64
		 " blocks good, %" PRIu64 " bad, %" PRIu64
		 " times suspended, %" PRIu64 " bits credited",
		 name, state, stats->bytes_in, stats->good, stats->bad,
		 stats->suspended, stats->bits);
}
