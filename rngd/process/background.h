/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Going into the background. The starting process waits until the daemon works,
 * and then exits with status 0, or with that of the daemon.
 */
#ifndef RNGD_PROCESS_BACKGROUND_H
#define RNGD_PROCESS_BACKGROUND_H

#include "vrng/error.h"

/* How long the daemon may take to be ready, in ms. */
#define RNGD_READY_TIMEOUT 30000

/*
 * Fork. Returns 0 in the daemon, which has a session of its own and *@ready_fd.
 * Returns 1 in the starting process, when the daemon is ready, has ended, or
 * has not reported for RNGD_READY_TIMEOUT; it is to exit with *@status. A
 * negative errno if fork failed.
 */
int rngd_background(int *ready_fd, int *status, struct vrng_error *error);

/*
 * In the daemon: let the starting process exit with @status, 0 if all is well.
 * Closes @ready_fd.
 */
void rngd_background_tell(int ready_fd, int status);

/* Replace standard input, output and error by /dev/null; change to /. */
int rngd_background_detach(struct vrng_error *error);

#endif
