/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that holds the daemon's process id. It is locked (flock(2)) for as
 * long as the daemon runs: a second daemon finds it locked, and one left behind
 * by a crash is taken over. Only its owner may read the file, because a process
 * that can open it can lock it.
 */
#ifndef RNGD_PROCESS_PIDFILE_H
#define RNGD_PROCESS_PIDFILE_H

#include "vrng/error.h"

/*
 * Create and lock @path, which must be absolute, and write our pid to it.
 * Returns the descriptor that holds the lock: close it after the file was
 * removed. -EBUSY when another process has locked it; any other errno when it
 * cannot be written.
 */
int rngd_pidfile_take(const char *path, struct vrng_error *error);

#endif
