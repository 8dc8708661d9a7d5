/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the sources have done so far, as a plain copy: one entry for each source
 * and the total, which includes sources that were removed.
 */
#ifndef RNGD_FEED_REPORT_H
#define RNGD_FEED_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "rngd/base/log.h"
#include "rngd/feed/stats.h"
#include "rngd/sinks/sink.h"

/* Sources of one rngd. */
#define RNGD_SOURCES_MAX 32

struct rngd_source_report {
	const char *name; /* valid until the source is removed */
	const char *state; /* one word, never freed */
	uint64_t entropy; /* claimed: thousandths of a bit a byte, 0 to 8000 */
	const char *refusal; /* why there is no credit for it, or NULL */
	struct rngd_stats stats;
	uint64_t awaited; /* bytes, until a block can be tested; 0: none */
	uint64_t held; /* of them, so far */
	char message[256]; /* last failure or recovery, "" for none */
};

struct rngd_report {
	struct rngd_stats total;
	size_t sources; /* entries of source[] */
	struct rngd_source_report source[RNGD_SOURCES_MAX];
};

/*
 * Log the total, and one line a source where there are several. The lines are
 * those of rngd(8), STATISTICS.
 */
void rngd_report_log(const struct rngd_report *report,
		     const struct vrng_sink *sink, struct vrng_log *log);

#endif
