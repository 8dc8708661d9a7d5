// SPDX-License-Identifier: GPL-2.0-or-later
/* Probing a source: see probe.h. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>

#include "rngd/base/clock.h"
#include "rngd/sources/kind.h"
#include "rngd/sources/probe.h"

/* How often it is read, and a read that waits is interrupted, in ms. */
#define STEP 50

/* What the process had before. */
struct alarm {
	struct sigaction action;
	struct itimerval timer;
};

static void wake(int signal)
{
	(void)signal;
}

/* Repeated: the first signal may come before the read. */
static void start_alarm(struct alarm *before)
{
	const struct sigaction action = { .sa_handler = wake };
	const struct timeval step = { .tv_usec = STEP * 1000 };
	const struct itimerval every = { step, step };

	(void)sigaction(SIGALRM, &action, &before->action);
	(void)setitimer(ITIMER_REAL, &every, &before->timer);
}

static void stop_alarm(const struct alarm *before)
{
	(void)setitimer(ITIMER_REAL, &before->timer, NULL);
	(void)sigaction(SIGALRM, &before->action, NULL);
}

static int silent(const struct vrng_source *src, unsigned int ms,
		  struct vrng_error *error)
{
	return vrng_fail(error, ETIMEDOUT,
			 "%s: gave no byte within %u ms: %m; check the device "
			 "behind it",
			 src->name, ms);
}

/* The errno of the read, 1 for a byte, 0 for the end, or -EAGAIN. */
static ssize_t await_byte(struct vrng_source *src, unsigned int ms,
			  struct vrng_error *error)
{
	const uint64_t due = vrng_now_ms() + ms;
	unsigned char byte;
	ssize_t got = vrng_source_read(src, &byte, 1, error);

	while (got == -EAGAIN && vrng_now_ms() < due) {
		(void)poll(NULL, 0, STEP);
		got = vrng_source_read(src, &byte, 1, error);
	}
	explicit_bzero(&byte, 1);
	return got;
}

static int try_device(struct vrng_source *src, unsigned int ms,
		      struct vrng_error *error)
{
	struct alarm before;
	ssize_t got;
	int ret = vrng_source_open(src, error);

	if (ret)
		return ret;
	start_alarm(&before);
	got = await_byte(src, ms, error);
	stop_alarm(&before);
	vrng_source_close(src);
	if (got > 0)
		return 0;
	if (got == -EAGAIN)
		return silent(src, ms, error);
	return got ? (int)got : -ENODATA;
}

/* A tape would move, and a FIFO's writer would lose a byte. */
static bool is_device(const struct vrng_source *src)
{
	return src->kind == &vrng_kind_file &&
	       vrng_source_origin(src) == VRNG_ORIGIN_OUTSIDE;
}

int vrng_source_probe(struct vrng_source *src, unsigned int ms,
		      struct vrng_error *error)
{
	int ret = vrng_source_check(src, error);

	if (ret || !is_device(src))
		return ret;
	return try_device(src, ms, error);
}
