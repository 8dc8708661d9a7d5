// SPDX-License-Identifier: GPL-2.0-or-later
/* What a daemon has to say: see log.h. */
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "rngd/log.h"

static int priority(enum rngd_log_level level)
{
	if (level == RNGD_LOG_ERROR)
		return LOG_ERR;
	return level == RNGD_LOG_INFO ? LOG_INFO : LOG_DEBUG;
}

/* One call to stdio a line: lines of two threads do not mix. */
void rngd_log(const struct rngd_log *log, enum rngd_log_level level,
	      const char *fmt, ...)
{
	char line[512];
	va_list args;

	if (level == RNGD_LOG_INFO && log->quiet)
		return;
	if (level == RNGD_LOG_DEBUG && !log->debug)
		return;

	va_start(args, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (log->to_syslog)
		syslog(priority(level), "%s", line);
	else
		fprintf(stderr, "rngd: %s\n", line);
}

void rngd_log_to_syslog(struct rngd_log *log)
{
	openlog("rngd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	log->to_syslog = true;
}
