/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where checked bytes go: the kernel's pool, with credit, or a file.
 *
 * All calls on one sink come from one thread. Failures return a negative errno
 * and fill @why with one line.
 */
#ifndef VRNG_SINKS_SINK_H
#define VRNG_SINKS_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vrng/why.h"

struct vrng_sink;

enum vrng_sink_type {
	VRNG_SINK_KERNEL, /* a character device that takes RNDADDENTROPY */
	VRNG_SINK_FILE, /* a regular file; bytes are appended */
	VRNG_SINK_FIFO /* bytes wait in it for a reader */
};

/*
 * Open what @path names. A regular file that is not there is made, mode 0600,
 * save below /dev/. @interval (ms) is how often a kernel pool that is full is
 * fed afresh.
 */
int vrng_sink_open(struct vrng_sink **sink, const char *path,
		   unsigned int interval, struct vrng_why *why);

enum vrng_sink_type vrng_sink_type(const struct vrng_sink *sink);
const char *vrng_sink_path(const struct vrng_sink *sink);

/*
 * Is it time to feed? 0 if so, else the ms (at most) until it is. When
 * vrng_sink_fd() polls writable before, it is time then.
 */
unsigned int vrng_sink_due(const struct vrng_sink *sink, uint64_t now_ms);

int vrng_sink_fd(const struct vrng_sink *sink);

/*
 * Hand over up to @len bytes with @bits <= 8 * @len of credit, never waiting.
 * Returns how many it took, or -EAGAIN until vrng_sink_fd() polls writable.
 */
ssize_t vrng_sink_put(struct vrng_sink *sink, const void *buf, size_t len,
		      unsigned int bits, struct vrng_why *why);

/* One feeding is complete: the next is due at its time after @now_ms. */
void vrng_sink_fed(struct vrng_sink *sink, uint64_t now_ms);

/* The kernel's count of entropy in bits, or -1 where there is none. */
int vrng_sink_level(const struct vrng_sink *sink);

void vrng_sink_close(struct vrng_sink *sink);

#endif
