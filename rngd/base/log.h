/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log lines, with a bound on how many are written, to a sink: standard error,
 * syslog, or a function of the caller's. Code below main() never prints on its
 * own: it is handed a log.
 *
 * A burst of lines passes at once, then one line a second. The next line that
 * passes is preceded by one that says how many were left out. Of the levels,
 * VRNG_LOG_ASKED and VRNG_LOG_DEBUG are not bounded, because they are written
 * only on request.
 *
 * Any thread may log. Logs share nothing with each other, so that one guest
 * cannot use up the lines of another, nor hold up another's log.
 */
#ifndef RNGD_BASE_LOG_H
#define RNGD_BASE_LOG_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Lines in a burst: of rngd(8), and of each log of the host's programs. */
#define VRNG_LOG_BURST	    64
#define VRNG_LOG_BURST_HOST 100

enum vrng_log_level {
	VRNG_LOG_ERROR, /* always written */
	VRNG_LOG_INFO, /* not if @quiet */
	VRNG_LOG_ASKED, /* not if @quiet, without a bound: statistics */
	VRNG_LOG_DEBUG /* only if @debug, without a bound */
};

struct vrng_log;

/* Takes @text: one line, NUL-terminated, no newline, valid during the call. */
typedef void (*vrng_log_sink)(const struct vrng_log *log,
			      enum vrng_log_level level, const char *text);

/* A log of zeros but for @sink and @opaque is valid: it has no bound. */
struct vrng_log {
	vrng_log_sink sink; /* NULL: lines are dropped */
	void *opaque; /* for @sink */
	const char *program; /* not owned; before each line on stderr */
	const char *object; /* not owned; after @program; NULL: none */
	unsigned int burst; /* lines; 0: no bound */
	bool quiet;
	bool debug;

	pthread_mutex_t lock; /* protects what follows */
	uint64_t since; /* ns: the seconds up to here are counted */
	uint64_t lines; /* written, and not yet made up for by time */
	uint64_t left_out;
};

/*
 * Log to standard error as "PROGRAM: line" or "PROGRAM: OBJECT: line". Both
 * texts must outlive @log.
 */
void vrng_log_init(struct vrng_log *log, const char *program,
		   const char *object, unsigned int burst);

/*
 * If standard error is the systemd journal, write "<PRIORITY>line" instead
 * (sd-daemon(3)).
 */
void vrng_log_detect_journal(struct vrng_log *log);

/* From here on to syslog, as daemon.* from "PROGRAM[PID]". */
void vrng_log_to_syslog(struct vrng_log *log);

/* Log one line. Text beyond 639 bytes is cut. A NULL @log drops it. */
void vrng_log(struct vrng_log *log, enum vrng_log_level level, const char *fmt,
	      ...) __attribute__((format(printf, 3, 4)));

/* vrng_log() with VRNG_LOG_INFO, for programs that have no levels. */
void vrng_log_line(struct vrng_log *log, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
