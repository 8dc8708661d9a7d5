/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The privileged process: all that rngd does with CAP_SYS_ADMIN. It credits
 * entropy, makes the kernel reseed, opens devices of a list that is fixed when it
 * starts, and removes rngd's files when the other process has gone. It parses
 * nothing: messages have one size, and name devices by number.
 *
 * Any thread may call, one waits for the other.
 */
#ifndef RNGD_PROCESS_HELPER_H
#define RNGD_PROCESS_HELPER_H

#include <stdbool.h>
#include <stddef.h>

#include "rngd/sinks/sink.h"
#include "rngd/base/ours.h"
#include "vrng/error.h"

#define RNGD_HELPER_PATHS 32
#define RNGD_HELPER_FILES 2

struct rngd_helper;

/* What it opens to read. */
struct rngd_helper_device {
	char *path; /* malloc'd */
	bool writable; /* to write, too: a serial line */
};

struct rngd_helper_setup {
	struct vrng_sink *sink; /* of the kernel, or anything that is not asked */
	struct rngd_helper_device device[RNGD_HELPER_PATHS];
	size_t devices;
	struct vrng_ours file[RNGD_HELPER_FILES]; /* that it removes at the end */
	bool filter; /* its system calls */
};

/*
 * Fork it off. From here on @setup->sink sends what it is given to it. Called
 * before there are threads. The paths are the helper's then, also after a
 * failure.
 */
int rngd_helper_start(struct rngd_helper **helper,
		      const struct rngd_helper_setup *setup,
		      struct vrng_error *error);

/* Polls readable (EPOLLHUP) when it has gone: nothing can be credited then. */
int rngd_helper_fd(const struct rngd_helper *helper);

/* Let it clean up and end, and wait for that, at most @ms. NULL is nothing. */
void rngd_helper_end(struct rngd_helper *helper, unsigned int ms);

#endif
