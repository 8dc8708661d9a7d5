/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the process that faces guests may still do once it serves them, which is
 * little: move bytes between descriptors it has, map memory it is handed, and
 * end. It opens no file, makes no process, and runs no code that it did not
 * begin with. What needs more is done by others, which were forked before and
 * see no guest: fetch.h for the source, clerk.h for files.
 *
 * In stages: no core dumps and bounded descriptors and memory; no
 * capabilities, also for root; no privileges gained; then the system calls,
 * where a wrong one ends the process.
 *
 * Address space is not bounded here: guest memory is most of it, which
 * memmap.h bounds for each guest.
 */
#ifndef DEVICE_SANDBOX_H
#define DEVICE_SANDBOX_H

#include <stdbool.h>

#include "vrng/why.h"

/* Descriptors: for the process, and for each guest with messages on the way. */
#define SANDBOX_FDS	  64
#define SANDBOX_FDS_GUEST 32
/* Memory but the guests', bytes: it takes some 3 MiB and 0.4 MiB. */
#define SANDBOX_DATA	   (64UL << 20)
#define SANDBOX_DATA_GUEST (4UL << 20)

struct sandbox {
	unsigned int guests;
	bool connects; /* to Unix sockets */
};

/* For this thread, and all that it makes. 0 or a negative errno. */
int sandbox_enter(const struct sandbox *sandbox, struct vrng_why *why);

/* Built without, because sanitizers need calls of their own? */
bool sandbox_is_left_out(void);

#endif
