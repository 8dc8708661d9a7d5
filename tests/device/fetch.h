/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source in a process of its own, which may open files, connect and run
 * programs, as the process that faces the guests may not. It has never seen a
 * guest; the two share one socket, on which bytes come one way and "open" and
 * "close" go the other.
 *
 * The process ends when the socket does, whatever ended that.
 */
#ifndef DEVICE_FETCH_H
#define DEVICE_FETCH_H

#include <stdbool.h>
#include <sys/types.h>

#include "vrng/why.h"

#define FETCH_END_MS 2000 /* what closing a source may take */

struct supply;

struct fetch {
	int sock; /* non-blocking; -1: none */
	pid_t pid;
};

/*
 * Fork. To be called before there are threads, guests or a sandbox. @supply,
 * which has no descriptor yet, is the child's then.
 */
int fetch_start(struct fetch *fetch, struct supply *supply,
		struct vrng_why *why);

/* Have the source opened, or closed. */
void fetch_want(const struct fetch *fetch, bool wanted);

/* Have it closed, and wait for that. */
void fetch_stop(struct fetch *fetch);

#endif
