/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Helper process: writes the statistics file and removes sockets for the
 * sandboxed process, and opens signs of VM forks that come later. It knows the
 * paths from the fork; the sandboxed process can only hand it text and the order
 * to act. It ends when that process does.
 *
 * One thread, the loop's.
 */
#ifndef DEVICE_RUNTIME_FILE_HELPER_H
#define DEVICE_RUNTIME_FILE_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tests/device/runtime/loop.h"
#include "vrng/error.h"

#define FILE_HELPER_TEXT_MAX (64UL << 20) /* bytes: of some 50,000 guests */
#define FILE_HELPER_MS	     1000 /* bound of a wait at the end */
/* From one report of a change to the next, in ns. */
#define FILE_HELPER_CHANGE_NS 1000000000ULL

/* How often it looks for signs of VM forks, in ms. */
#define FILE_HELPER_LOOK_MS 5000

struct fork_signs;
struct vrng_log;

struct file_helper {
	/* to be filled in */
	struct loop *loop;
	struct vrng_log *log; /* gets a line for each failure */
	const char *stats; /* path of the statistics file; NULL: none */
	char *(*text)(void *opaque, size_t *len); /* malloc'd, or NULL */
	/* Runs in the helper process, on its copy of @opaque. */
	void (*remove_sockets)(void *opaque);
	void *opaque;
	struct fork_signs *signs; /* open; NULL: none are looked for */
	int look_ms; /* 0: FILE_HELPER_LOOK_MS */

	/* its own */
	char *text_shared; /* FILE_HELPER_TEXT_MAX bytes that the helper sees */
	int sock; /* -1: not started, or given up */
	pid_t pid;
	struct loop_watch answer; /* watched while an answer is to come */
	bool due; /* report again after that answer */
	struct loop_watch later; /* timerfd: to report a change */
	struct loop_watch found; /* socket: signs that the helper has found */
	uint64_t changed_at; /* when a change was last reported */
};

/*
 * Fork. Call it before there are threads or a sandbox, and after all sockets
 * are made. 0, or a negative errno with @error.
 */
int file_helper_start(struct file_helper *helper, struct vrng_error *error);

/*
 * Have the statistics written, if there is a file for them. Does not wait,
 * because disks may be slow: a report that is asked for meanwhile follows the
 * answer.
 */
void file_helper_report(struct file_helper *helper);

/*
 * Have the statistics written because they changed by themselves: at most once in
 * FILE_HELPER_CHANGE_NS, and then.
 */
void file_helper_changed(struct file_helper *helper);

/*
 * Have the statistics written once more and the sockets removed, and wait for
 * that and for the end of the helper. If it was never started, remove the
 * sockets here. If it was given up, they stay, and the next start replaces
 * them.
 */
void file_helper_end(struct file_helper *helper);

#endif
