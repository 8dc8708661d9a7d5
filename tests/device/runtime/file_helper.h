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

#include "tests/device/runtime/loop.h"
#include "vrng/error.h"

#define CLERK_TEXT_MAX (128 * 1024) /* bytes */
#define CLERK_MS       1000 /* how long is waited for a file at the end */

struct say;

struct clerk {
	/* to be filled in */
	struct loop *loop;
	const struct say *say; /* hears of what fails */
	const char *stats; /* the file for statistics, NULL: none is wanted */
	char *(*text)(void *opaque, size_t *len); /* these now, malloc'd */
	/* called over there, with a copy of all there is here */
	void (*remove_sockets)(void *opaque);
	void *opaque;

	/* its own */
	int sock; /* or -1 */
	pid_t pid;
	struct loop_watch answer; /* watched while there is one to come */
	bool due; /* counters have changed since it was asked */
};

/* Fork: before there are threads or a sandbox, and after all is set up. */
int clerk_start(struct clerk *clerk, struct vrng_why *why);

/*
 * Have the statistics written, if they are wanted; without a wait, as disks may
 * be slow. What changes meanwhile is written in one go.
 */
void clerk_report(struct clerk *clerk);

/*
 * The same once more, and the sockets removed, here if it was never started; and
 * wait for that and its end. If it has been given up the sockets stay, to be
 * replaced at the next start.
 */
void clerk_end(struct clerk *clerk);

#endif
