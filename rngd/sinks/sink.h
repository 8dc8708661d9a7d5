/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where checked bytes go: the kernel's pool, with credit, or a file.
 *
 * Any thread may put and ask; opening and closing are one thread's. Failures
 * return a negative errno and fill @error with one line.
 */
#ifndef RNGD_SINKS_SINK_H
#define RNGD_SINKS_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vrng/error.h"
#include "vrng/opener.h"

struct vrng_sink;

enum vrng_sink_type {
	VRNG_SINK_KERNEL, /* a character device that takes RNDADDENTROPY */
	VRNG_SINK_FILE, /* a regular file; bytes are appended */
	VRNG_SINK_FIFO, /* bytes wait in it for a reader */
	VRNG_SINK_NONE /* takes all and keeps nothing */
};

/*
 * Open what @path names, or a sink of no use where that is NULL. A regular file
 * that is not there is made, mode 0600, save below /dev/. @interval (ms) is how
 * often a kernel pool that is full is fed afresh, @step (bytes) how much it is
 * handed in one RNDADDENTROPY.
 */
int vrng_sink_open(struct vrng_sink **sink, const struct vrng_opener *opener,
		   const char *path, unsigned int interval, unsigned int step,
		   struct vrng_error *error);

enum vrng_sink_type vrng_sink_type(const struct vrng_sink *sink);
const char *vrng_sink_path(const struct vrng_sink *sink);

/* Change how often a full pool is fed. */
void vrng_sink_set_interval(struct vrng_sink *sink, unsigned int interval);

/*
 * Is it time to feed for somebody who last did at *@fed_at (ms; NULL: never)?
 * 0 if so, else the ms (at most) until it is. When vrng_sink_fd() polls writable
 * before, it is time then.
 */
unsigned int vrng_sink_due(const struct vrng_sink *sink, const uint64_t *fed_at,
			   uint64_t now_ms);

/* What polls writable when it asks for more, or -1. */
int vrng_sink_fd(const struct vrng_sink *sink);

/*
 * Hand over up to @len bytes with @bits <= 8 * @len of credit, never waiting for
 * a reader. @last: a feeding ends with these, so a kernel is to use them at once
 * (RNDRESEEDCRNG). Returns how many it took (a kernel all, up to
 * VRNG_SINK_STEP_MAX), or -EAGAIN until vrng_sink_fd() polls writable.
 */
ssize_t vrng_sink_put(struct vrng_sink *sink, const void *buf, size_t len,
		      unsigned int bits, bool last, struct vrng_error *error);

/* Let a kernel take its generator's key anew from its pool. 0 elsewhere. */
int vrng_sink_reseed(struct vrng_sink *sink, struct vrng_error *error);

/* The kernel's count of entropy in bits, or -1 where there is none. */
int vrng_sink_level(const struct vrng_sink *sink);

void vrng_sink_close(struct vrng_sink *sink);

#endif
