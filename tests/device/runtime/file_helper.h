/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that does with files what the sandboxed one may not: writes the
 * statistics, and removes the sockets at the end. It was told where before; all
 * that it takes from the other is text and the word to do it. It ends when
 * that one does.
 *
 * One thread.
 */
#ifndef DEVICE_RUNTIME_FILE_HELPER_H
#define DEVICE_RUNTIME_FILE_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tests/device/runtime/loop.h"
#include "vrng/error.h"

#define FILE_HELPER_TEXT_MAX (128 * 1024) /* bytes */
#define FILE_HELPER_MS	     1000 /* how long is waited for a file at the end */

struct vrng_log;

struct file_helper {
	/* to be filled in */
	struct loop *loop;
	struct vrng_log *log; /* hears of what fails */
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
int file_helper_start(struct file_helper *helper, struct vrng_error *error);

/*
 * Have the statistics written, if they are wanted; without a wait, as disks may
 * be slow. What changes meanwhile is written in one go.
 */
void file_helper_report(struct file_helper *helper);

/*
 * The same once more, and the sockets removed, here if it was never started; and
 * wait for that and its end. If it has been given up the sockets stay, to be
 * replaced at the next start.
 */
void file_helper_end(struct file_helper *helper);

#endif
