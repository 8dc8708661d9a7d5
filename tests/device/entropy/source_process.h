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
#ifndef DEVICE_FETCH_H
#define DEVICE_FETCH_H

#include <stdbool.h>
#include <sys/types.h>

#include "vrng/error.h"

#define FETCH_END_MS 2000 /* what closing a source may take */

struct supply;

struct fetch {
	int sock; /* non-blocking; -1: none */
	int changes; /* eventfd: of @wanted, which began with false */
	bool wanted;
	pid_t pid;
};

/*
 * Fork. To be called before there are threads, guests or a sandbox. @supply,
 * which has no descriptor yet, is the child's then.
 */
int fetch_start(struct fetch *fetch, struct supply *supply,
		struct vrng_why *why);

/* Have the source opened, or closed. */
void fetch_want(struct fetch *fetch, bool wanted);

/* Have it closed, and wait for that. */
void fetch_stop(struct fetch *fetch);

#endif
