/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that holds the daemon's process id. It is locked for as long as the
 * daemon runs, so that a second one finds out, and one left behind by a crash
 * is simply taken over.
 */
#ifndef RNGD_PROCESS_PIDFILE_H
#define RNGD_PROCESS_PIDFILE_H

#include "vrng/error.h"

struct rngd_pidfile;

/*
 * Lock @path, which must be absolute, and write our pid to it. -EBUSY when
 * another process holds it; any other errno when it cannot be written.
 */
int rngd_pidfile_take(struct rngd_pidfile **file, const char *path,
		      struct vrng_error *error);

/* Remove the file and let go of it. NULL is nothing. */
void rngd_pidfile_drop(struct rngd_pidfile *file);

#endif
