/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters of one source, or of all, and their lines in the log. */
#ifndef RNGD_FEED_STATS_H
#define RNGD_FEED_STATS_H

#include <stdint.h>

#include "rngd/checks/tally.h"
#include "rngd/base/log.h"
#include "rngd/sinks/sink.h"

/*
 * The ledger: what became of the bytes of a source. Always
 *
 *	bits <= claimed <= 8 * bytes_in
 *	repeated <= failed <= tested <= bytes_in
 */
struct rngd_stats {
	uint64_t bytes_in; /* received from the source */
	uint64_t tested; /* bytes of blocks that were tested */
	uint64_t failed; /* bytes of those that failed a test, and were dropped */
	uint64_t repeated; /* bytes of those that failed for having come before */
	uint64_t conditioned; /* bytes that went into the conditioner */
	uint64_t bytes_out; /* handed to the sink */
	uint64_t credited; /* bytes of these that were credited */
	uint64_t claimed; /* bits of entropy claimed for blocks that passed */
	uint64_t bits; /* of entropy credited to the kernel */
	uint64_t health; /* SP 800-90B episodes */
	uint64_t suspended; /* how often */
	uint64_t dropped; /* bytes from before a VM fork */
	uint64_t failures; /* ended, failed, stalled, unplugged */
	uint64_t reopens; /* openings after a failure, those that failed, too */
	uint64_t good; /* blocks that passed all tests */
	uint64_t bad; /* blocks that failed a test and were dropped */
	struct vrng_tally tally; /* of FIPS 140-2: not of raw sources */
};

void rngd_stats_add(struct rngd_stats *to, const struct rngd_stats *stats);

/* Log at VRNG_LOG_ASKED. @level: the kernel's entropy_avail, or -1. */
void rngd_stats_log(const struct rngd_stats *stats, int level,
		    const struct vrng_sink *sink, struct vrng_log *log);

/* One line about the source called @name. */
void rngd_stats_log_source(const struct rngd_stats *stats, const char *name,
			   const char *state, struct vrng_log *log);

#endif
