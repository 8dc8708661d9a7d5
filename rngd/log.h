/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a daemon has to say: on stderr in the foreground, to syslog when it is
 * none's child any more. Each message is one line. Any thread may log.
 */
#ifndef RNGD_LOG_H
#define RNGD_LOG_H

#include <stdbool.h>

enum rngd_log_level {
	RNGD_LOG_ERROR, /* always said */
	RNGD_LOG_INFO, /* not with --quiet */
	RNGD_LOG_DEBUG /* only with --debug */
};

struct rngd_log {
	bool quiet;
	bool debug;
	bool to_syslog;
};

void rngd_log(const struct rngd_log *log, enum rngd_log_level level,
	      const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* From here on to syslog, as daemon.* from "rngd[PID]". */
void rngd_log_to_syslog(struct rngd_log *log);

#endif
