/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Going into the background. The starting process waits until the daemon works,
 * and then exits with status 0, or with that of the daemon. A daemon runs only if
 * its starting process has seen that it works: if that is ended before, or waits for
 * too long, the daemon ends, too.
 */
#ifndef RNGD_PROCESS_BACKGROUND_H
#define RNGD_PROCESS_BACKGROUND_H

#include <stdbool.h>

#include "vrng/error.h"

/* How long the daemon may take to be ready, in ms. */
#define RNGD_READY_TIMEOUT 30000

/*
 * Fork. Returns 0 in the daemon, which has a session of its own and *@ready_fd, and
 * in which the signals of rngd_daemon_signals() are blocked. Returns 1 in the
 * starting process, when the daemon is ready, has ended, or was ended because it had
 * not reported for RNGD_READY_TIMEOUT; it is to exit with *@status, and signals do
 * not end it any more. A signal that ends the starting process while it waits ends
 * the daemon first. A negative errno if fork failed.
 */
int rngd_background(int *ready_fd, int *status, struct vrng_error *error);

/*
 * In the daemon: let the starting process exit with @status, 0 if all is well.
 * Closes @ready_fd. False if the starting process has ended, or does not answer: then
 * nobody knows of this daemon, and it is to end.
 */
bool rngd_background_tell(int ready_fd, int status);

/* Replace standard input, output and error by /dev/null; change to /. */
int rngd_background_detach(struct vrng_error *error);

#endif
