// SPDX-License-Identifier: GPL-2.0-or-later
/* What the sources have done so far: see report.h. */
#include "rngd/feed/report.h"

void rngd_report_log(const struct rngd_report *report,
		     const struct vrng_sink *sink, struct vrng_log *log)
{
	size_t i;

	rngd_stats_log(&report->total, vrng_sink_level(sink), sink, log);
	for (i = 0; i < report->sources && report->sources > 1; i++)
		rngd_stats_log_source(&report->source[i].stats,
				      report->source[i].name,
				      report->source[i].state, log);
}
