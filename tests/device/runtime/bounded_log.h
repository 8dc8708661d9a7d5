/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines on standard error, with a bound: a guest or a front end that comes and
 * goes, or errs, without end must not fill the log. Each guest has a journal,
 * so that none can use up another's lines.
 *
 * One thread each. Journals share nothing, not even a lock: a line goes out in
 * one write().
 */
#ifndef DEVICE_RUNTIME_BOUNDED_LOG_H
#define DEVICE_RUNTIME_BOUNDED_LOG_H

#include <stdint.h>

#include "tests/device/runtime/log.h"

#define BOUNDED_LOG_LINES	100 /* at once ... */
#define BOUNDED_LOG_INTERVAL_NS 1000000000 /* ... then one for each interval */

struct bounded_log {
	struct log log; /* writes into it */
	const char *program;
	const char *whose; /* said before each line, or NULL */
	uint64_t since; /* lines are counted up to here */
	uint64_t lines; /* said, and not made up for by time yet */
	uint64_t left_out;
};

/* Both texts must outlive @log, which must not be moved. */
void bounded_log_init(struct bounded_log *log, const char *program,
		      const char *whose);

#endif
