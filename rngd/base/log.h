/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a daemon has to say: on stderr in the foreground, to syslog when it is
 * none's child any more. Each message is one line. Any thread may log.
 *
 * Lines come at most RNGD_LOG_BURST at once and then one a second; how many
 * were left out is said with the next. Errors and information alike are counted,
 * what was asked for is not.
 */
#ifndef RNGD_BASE_LOG_H
#define RNGD_BASE_LOG_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define RNGD_LOG_BURST 64

enum rngd_log_level {
	RNGD_LOG_ERROR, /* always said */
	RNGD_LOG_INFO, /* not with --quiet */
	RNGD_LOG_ASKED, /* the same, without a limit: statistics */
	RNGD_LOG_DEBUG /* only with --debug, without a limit */
};

struct rngd_log {
	bool quiet;
	bool debug;
	bool to_syslog;
	bool to_journal; /* stderr is the journal: a priority before each line */

	pthread_mutex_t lock; /* over what follows */
	uint64_t filled; /* when tokens were last added, s */
	unsigned int tokens;
	uint64_t left_out;
};

/* Find out whether stderr is the journal. Without it all is said to stderr. */
void rngd_log_init(struct rngd_log *log);

void rngd_log(struct rngd_log *log, enum rngd_log_level level, const char *fmt,
	      ...) __attribute__((format(printf, 3, 4)));

/* From here on to syslog, as daemon.* from "rngd[PID]". */
void rngd_log_to_syslog(struct rngd_log *log);

#endif
