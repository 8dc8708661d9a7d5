/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that does with files what the sandboxed one may not: writes the
 * statistics, and removes the sockets at the end. It was told where before; all
 * that it takes from the other is text and the word to do it. It ends when
 * that one does.
 *
 * One thread.
 */
#ifndef DEVICE_CLERK_H
#define DEVICE_CLERK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "vrng/why.h"

#define CLERK_TEXT_MAX (128 * 1024) /* bytes */
#define CLERK_MS       1000 /* how long is waited for a file at the end */

struct say;

struct clerk {
	/* to be filled in */
	const char *stats; /* the file for statistics, NULL: none is wanted */
	const struct say *say;
	/* called over there, with a copy of all there is here */
	void (*remove_sockets)(void *opaque);
	void *opaque;

	/* its own */
	int sock; /* or -1 */
	bool busy; /* there is an answer to come */
	pid_t pid;
};

/* Fork: before there are threads or a sandbox, and after all is set up. */
int clerk_start(struct clerk *clerk, struct vrng_why *why);

/* Is there somebody to write statistics, and are they wanted? */
bool clerk_wants_stats(const struct clerk *clerk);

/*
 * Replace the file by @text (NULL: there was no memory for it), unless it is
 * @busy; without a wait, as disks may be slow: clerk_answer() is to be called
 * when @sock is readable. Failure is said.
 */
void clerk_begin_stats(struct clerk *clerk, const char *text, size_t len);
void clerk_answer(struct clerk *clerk);

/* The same with a wait, also for an answer that is still to come. */
void clerk_write_stats(struct clerk *clerk, const char *text, size_t len);

/*
 * Have the sockets removed, here if it was never started, and wait for its end.
 * If it has been given up they stay, to be replaced at the next start.
 */
void clerk_end(struct clerk *clerk);

#endif
