/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source in a process of its own: the child. It may open files, connect and run
 * programs, which the process that faces guests (the parent) may not. The child
 * is forked before there are guests, and shares two descriptors with the parent:
 * a socket, on which it sends the bytes, and an eventfd, which tells it to open
 * or close the source. The eventfd counts changes, so it never fills up, however
 * slow the source is to open and close while guests come and go.
 *
 * The child ends when the socket is closed, for whatever reason.
 *
 * One thread at a time.
 */
#ifndef DEVICE_ENTROPY_SOURCE_PROCESS_H
#define DEVICE_ENTROPY_SOURCE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "vrng/error.h"

#define SOURCE_PROCESS_END_MS 2000 /* wait so long for the child's end */

struct shared_source;

struct source_process {
	int sock; /* owned, non-blocking; -1: no child */
	int changes; /* eventfd, owned: number of changes of @wanted */
	bool wanted; /* the source is to be open; false at first */
	pid_t pid;
};

/*
 * Fork the child. Call it before there are threads, guests or a sandbox. The
 * child uses and frees its copy of @shared, which must have no user yet.
 * Returns 0 or a negative errno; does not return in the child.
 */
int source_process_start(struct source_process *process,
			 struct shared_source *shared,
			 struct vrng_error *error);

/* Tell the child to open the source, or to close it. Never waits. */
void source_process_want(struct source_process *process, bool wanted);

/*
 * Tell the child to end, and wait for that, at most SOURCE_PROCESS_END_MS.
 * Nothing happens if there is no child.
 */
void source_process_stop(struct source_process *process);

#endif
