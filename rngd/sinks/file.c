// SPDX-License-Identifier: GPL-2.0-or-later
/* Sink: a regular file, or a FIFO that somebody reads from. */
#include <errno.h>
#include <unistd.h>

#include "rngd/sinks/kind.h"

/* It takes all it is given; a full FIFO says so when it is written to. */
static unsigned int file_due(const struct vrng_sink *sink, uint64_t now_ms)
{
	(void)sink;
	(void)now_ms;
	return 0;
}

static ssize_t file_put(struct vrng_sink *sink, const void *buf, size_t len,
			unsigned int bits, struct vrng_why *why)
{
	ssize_t put = write(sink->fd, buf, len);

	(void)bits;
	if (put > 0)
		return put;
	if (put == 0 || errno == EAGAIN || errno == EINTR)
		return -EAGAIN;
	return vrng_why(why, errno,
			"%s: cannot write: %m; make room or check "
			"what reads it",
			sink->path);
}

const struct vrng_sink_kind vrng_sink_file = {
	.due = file_due,
	.put = file_put,
};
