/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon has done so far, and the lines that say so. */
#ifndef RNGD_STATS_H
#define RNGD_STATS_H

#include <stdint.h>

#include "rngd/checks/tally.h"
#include "rngd/log.h"
#include "rngd/sinks/sink.h"

struct rngd_stats {
	uint64_t bytes_in; /* received from the source */
	uint64_t bytes_out; /* handed to the sink */
	uint64_t bits; /* of entropy credited to the kernel */
	struct vrng_tally tally;
	int level; /* kernel's entropy_avail after the last feeding, or -1 */
};

/* Lines of level RNGD_LOG_INFO. */
void rngd_stats_log(const struct rngd_stats *stats,
		    const struct vrng_sink *sink, const struct rngd_log *log);

#endif
