/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An opener opens files, and runs programs, for a source or a sink.
 *
 * A program that may open files itself passes &vrng_opener_plain, which calls
 * open(2). rngd has given up its privileges by the time that it reads a source:
 * it passes an opener that asks its privileged process for what it may not open
 * itself (rngd/process/privops.h). The call is the same in both cases.
 */
#ifndef VRNG_OPENER_H
#define VRNG_OPENER_H

#include <fcntl.h>
#include <sys/types.h>

/*
 * Flags of open(2) for a source's or a sink's file, beside the access mode.
 * O_NONBLOCK: a read never waits, nor does opening a FIFO. O_NOCTTY: a generator
 * on a serial line must not become our terminal.
 */
#define VRNG_OPEN_FLAGS (O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

struct vrng_opener {
	/*
	 * Open @path with @flags of open(2). @mode is used only with O_CREAT.
	 * Returns a descriptor, which the caller closes, or a negative errno.
	 * -ESTALE: the path names another file than it did, and the opener
	 * refuses that. Any thread may call it, several at a time. It may block
	 * as open(2) may.
	 */
	int (*open)(void *opaque, const char *path, int flags, mode_t mode);
	/*
	 * Have another process run @command by the shell: @fds are the reading
	 * end of its output and the socket that stands for it, as
	 * rngd/sources/command.h says. The caller closes both. 0, or a negative
	 * errno: -EPERM if it is not in the configuration. NULL: the caller
	 * starts programs itself. Any thread may call it.
	 */
	int (*run)(void *opaque, const char *command, int fds[2]);
	void *opaque; /* for both */
};

/* Calls open(2). */
extern const struct vrng_opener vrng_opener_plain;

/* Open @path by @opener: see struct vrng_opener. */
int vrng_open(const struct vrng_opener *opener, const char *path, int flags,
	      mode_t mode);

#endif
