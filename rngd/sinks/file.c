// SPDX-License-Identifier: GPL-2.0-or-later
/* Sinks: a regular file, a FIFO, and no output. */
#include <errno.h>
#include <unistd.h>

#include "rngd/sinks/kind.h"

/* Always: writing to a FIFO that is full returns -EAGAIN. */
static unsigned int file_due(const struct vrng_sink *sink,
			     const uint64_t *fed_at, uint64_t now_ms)
{
	(void)sink;
	(void)fed_at;
	(void)now_ms;
	return 0;
}

static ssize_t file_put(struct vrng_sink *sink, const void *buf, size_t len,
			unsigned int bits, bool last, struct vrng_error *error)
{
	ssize_t put = write(sink->fd, buf, len);

	(void)bits;
	(void)last;
	if (put > 0)
		return put;
	if (put == 0 || errno == EAGAIN || errno == EINTR)
		return -EAGAIN;
	return vrng_fail(error, errno,
			 "%s: cannot write: %m; make room or check "
			 "what reads it",
			 sink->path);
}

const struct vrng_sink_kind vrng_sink_file = {
	.due = file_due,
	.put = file_put,
};

static ssize_t none_put(struct vrng_sink *sink, const void *buf, size_t len,
			unsigned int bits, bool last, struct vrng_error *error)
{
	(void)sink;
	(void)buf;
	(void)bits;
	(void)last;
	(void)error;
	return (ssize_t)len;
}

const struct vrng_sink_kind vrng_sink_none = {
	.due = file_due,
	.put = none_put,
};
