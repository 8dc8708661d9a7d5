/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a source, or the daemon, has done so far, and the lines that say so. */
#ifndef RNGD_FEED_STATS_H
#define RNGD_FEED_STATS_H

#include <stdint.h>

#include "rngd/checks/tally.h"
#include "rngd/base/log.h"
#include "rngd/sinks/sink.h"

struct rngd_stats {
	uint64_t bytes_in; /* received from the source */
	uint64_t bytes_out; /* handed to the sink */
	uint64_t bits; /* of entropy credited to the kernel */
	uint64_t health; /* SP 800-90B episodes */
	uint64_t suspended; /* how often */
	uint64_t dropped; /* bytes of before a VM fork */
	uint64_t good; /* blocks that were handed on */
	uint64_t bad; /* blocks that were dropped, whatever test failed */
	struct vrng_tally tally; /* of FIPS 140-2, which raw sources do without */
};

void rngd_stats_add(struct rngd_stats *to, const struct rngd_stats *stats);

/* Lines of level VRNG_LOG_ASKED; @level is the kernel's entropy_avail or -1. */
void rngd_stats_log(const struct rngd_stats *stats, int level,
		    const struct vrng_sink *sink, struct vrng_log *log);

/* One line of one source, by name. */
void rngd_stats_log_source(const struct rngd_stats *stats, const char *name,
			   const char *state, struct vrng_log *log);

#endif
