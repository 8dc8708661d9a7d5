/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source in a process of its own, which may open files, connect and run
 * programs, as the process that faces the guests may not. It has never seen a
 * guest; the two share a socket, on which the bytes come, and an eventfd by which
 * it hears that the source is to be opened, or closed. That counts the changes,
 * so that there is no end to what it holds: a source may be slow to open and to
 * close, while guests come and go.
 *
 * The process ends when the socket does, whatever ended that.
 */
#ifndef DEVICE_ENTROPY_SOURCE_PROCESS_H
#define DEVICE_ENTROPY_SOURCE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "vrng/error.h"

#define SOURCE_PROCESS_END_MS 2000 /* what closing a source may take */

struct shared_source;

struct source_process {
	int sock; /* non-blocking; -1: none */
	int changes; /* eventfd: of @wanted, which began with false */
	bool wanted;
	pid_t pid;
};

/*
 * Fork. To be called before there are threads, guests or a sandbox. @shared,
 * which has no descriptor yet, is the child's then.
 */
int source_process_start(struct source_process *process,
			 struct shared_source *shared,
			 struct vrng_error *error);

/* Have the source opened, or closed. */
void source_process_want(struct source_process *process, bool wanted);

/* Have it closed, and wait for that. */
void source_process_stop(struct source_process *process);

#endif
