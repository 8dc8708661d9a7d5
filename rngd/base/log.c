// SPDX-License-Identifier: GPL-2.0-or-later
/* What a daemon has to say: see log.h. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "rngd/base/log.h"
#include "rngd/base/clock.h"

static int priority(enum rngd_log_level level)
{
	if (level == RNGD_LOG_ERROR)
		return LOG_ERR;
	return level == RNGD_LOG_DEBUG ? LOG_DEBUG : LOG_INFO;
}

/* systemd.exec(5): JOURNAL_STREAM is "device:inode" of what it connected. */
static bool is_journal(int fd)
{
	const char *text = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;
	char *end;

	if (!text || fstat(fd, &st))
		return false;
	dev = strtoull(text, &end, 10);
	if (*end != ':')
		return false;
	ino = strtoull(end + 1, &end, 10);
	return !*end && dev == st.st_dev && ino == st.st_ino;
}

void rngd_log_init(struct rngd_log *log)
{
	pthread_mutex_init(&log->lock, NULL);
	log->tokens = RNGD_LOG_BURST;
	log->filled = vrng_now() / 1000000000;
	log->to_journal = is_journal(STDERR_FILENO);
}

/* One call to stdio a line: lines of two threads do not mix. */
static void put_line(const struct rngd_log *log, enum rngd_log_level level,
		     const char *line)
{
	if (log->to_syslog)
		syslog(priority(level), "%s", line);
	else if (log->to_journal)
		fprintf(stderr, "<%d>%s\n", priority(level), line);
	else
		fprintf(stderr, "rngd: %s\n", line);
}

/* True if a line may be said; *@left_out then were not. */
static bool take_token(struct rngd_log *log, uint64_t *left_out)
{
	uint64_t now = vrng_now() / 1000000000;
	uint64_t more;
	bool may;

	pthread_mutex_lock(&log->lock);
	more = now - log->filled;
	log->filled = now;
	log->tokens = more < RNGD_LOG_BURST - log->tokens ?
			      log->tokens + (unsigned int)more :
			      RNGD_LOG_BURST;
	may = log->tokens > 0;
	*left_out = may ? log->left_out : 0;
	if (may) {
		log->tokens--;
		log->left_out = 0;
	} else {
		log->left_out++;
	}
	pthread_mutex_unlock(&log->lock);
	return may;
}

static void say_left_out(const struct rngd_log *log, uint64_t n)
{
	char line[80];

	(void)snprintf(line, sizeof(line),
		       "%" PRIu64 " lines were left out: too many at once", n);
	put_line(log, RNGD_LOG_ERROR, line);
}

void rngd_log(struct rngd_log *log, enum rngd_log_level level, const char *fmt,
	      ...)
{
	uint64_t left_out = 0;
	char line[640];
	va_list args;

	if (level == RNGD_LOG_DEBUG && !log->debug)
		return;
	if (level != RNGD_LOG_ERROR && level != RNGD_LOG_DEBUG && log->quiet)
		return;
	if (level <= RNGD_LOG_INFO && !take_token(log, &left_out))
		return;

	va_start(args, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (left_out)
		say_left_out(log, left_out);
	put_line(log, level, line);
}

void rngd_log_to_syslog(struct rngd_log *log)
{
	openlog("rngd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	log->to_syslog = true;
}
