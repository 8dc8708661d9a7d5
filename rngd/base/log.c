// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/base/log.h"

/* Bytes: the text of a line, and the same with what is written before it. */
#define TEXT_MAX 640
#define LINE_MAX 1024

/* ---- sinks ---- */

static int priority(enum vrng_log_level level)
{
	if (level == VRNG_LOG_ERROR)
		return LOG_ERR;
	return level == VRNG_LOG_DEBUG ? LOG_DEBUG : LOG_INFO;
}

/*
 * One write() a line, so that lines of two threads do not mix, and without
 * stdio's lock, which a thread that cannot write would hold. @n is what
 * snprintf() returned; a line that was cut still ends in a newline.
 */
static void write_line(char *line, int n)
{
	ssize_t written;

	if (n >= LINE_MAX) {
		n = LINE_MAX - 1;
		line[n - 1] = '\n';
	}
	written = write(STDERR_FILENO, line, (size_t)n);
	(void)written;
}

static void to_stderr(const struct vrng_log *log, enum vrng_log_level level,
		      const char *text)
{
	char line[LINE_MAX];

	(void)level;
	write_line(line, snprintf(line, sizeof(line), "%s: %s%s%s\n",
				  log->program, log->object ? log->object : "",
				  log->object ? ": " : "", text));
}

static void to_journal(const struct vrng_log *log, enum vrng_log_level level,
		       const char *text)
{
	char line[LINE_MAX];

	(void)log;
	write_line(line, snprintf(line, sizeof(line), "<%d>%s\n",
				  priority(level), text));
}

static void to_syslog(const struct vrng_log *log, enum vrng_log_level level,
		      const char *text)
{
	(void)log;
	syslog(priority(level), "%s", text);
}

/* systemd.exec(5): JOURNAL_STREAM is "DEVICE:INODE" of the journal's stream. */
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

/* ---- bound ---- */

/* True if a line may be written; *@left_out lines before it were not. */
static bool take(struct vrng_log *log, uint64_t *left_out)
{
	uint64_t earned;
	bool may;

	pthread_mutex_lock(&log->lock);
	earned = (vrng_now() - log->since) / VRNG_NS_PER_S;
	log->since += earned * VRNG_NS_PER_S;
	log->lines = log->lines > earned ? log->lines - earned : 0;
	may = log->lines < log->burst;
	if (may) {
		log->lines++;
		*left_out = log->left_out;
		log->left_out = 0;
	} else {
		log->left_out++;
	}
	pthread_mutex_unlock(&log->lock);
	return may;
}

static void tell_left_out(const struct vrng_log *log, uint64_t n)
{
	char text[80];

	(void)snprintf(text, sizeof(text),
		       "%" PRIu64 " lines were left out: too many at once", n);
	log->sink(log, VRNG_LOG_ERROR, text);
}

/* A path may have a newline in it, and begin a line of its own with that. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

/* ---- log ---- */

void vrng_log_init(struct vrng_log *log, const char *program,
		   const char *object, unsigned int burst)
{
	*log = (struct vrng_log){
		.sink = to_stderr,
		.program = program,
		.object = object,
		.burst = burst,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.since = vrng_now(),
	};
}

void vrng_log_detect_journal(struct vrng_log *log)
{
	if (is_journal(STDERR_FILENO))
		log->sink = to_journal;
}

void vrng_log_to_syslog(struct vrng_log *log)
{
	openlog(log->program, LOG_PID | LOG_NDELAY, LOG_DAEMON);
	log->sink = to_syslog;
}

static bool is_wanted(const struct vrng_log *log, enum vrng_log_level level)
{
	if (!log || !log->sink)
		return false;
	if (level == VRNG_LOG_DEBUG)
		return log->debug;
	return level == VRNG_LOG_ERROR || !log->quiet;
}

__attribute__((format(printf, 3, 0))) static void
log_text(struct vrng_log *log, enum vrng_log_level level, const char *fmt,
	 va_list args)
{
	const bool is_bounded = level <= VRNG_LOG_INFO;
	uint64_t left_out = 0;
	char text[TEXT_MAX];

	if (!is_wanted(log, level))
		return;
	if (is_bounded && log->burst && !take(log, &left_out))
		return;
	(void)vsnprintf(text, sizeof(text), fmt, args);
	make_printable(text);
	if (left_out)
		tell_left_out(log, left_out);
	log->sink(log, level, text);
}

void vrng_log(struct vrng_log *log, enum vrng_log_level level, const char *fmt,
	      ...)
{
	va_list args;

	va_start(args, fmt);
	log_text(log, level, fmt, args);
	va_end(args);
}

void vrng_log_line(struct vrng_log *log, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_text(log, VRNG_LOG_INFO, fmt, args);
	va_end(args);
}
