/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Going into the background, and telling the one who started us how it went:
 * the starting process ends only once the daemon works, or with its status.
 */
#ifndef RNGD_PROCESS_BACKGROUND_H
#define RNGD_PROCESS_BACKGROUND_H

#include "vrng/error.h"

/* How long the daemon may take to be ready, in ms. */
#define RNGD_READY_TIMEOUT 30000

/*
 * Fork. In the daemon: 0, *@ready_fd set, a session of its own. In the starting
 * process: 1 when the daemon is ready, or has ended or fallen silent instead;
 * *@status is then what to exit with. Negative errno when there was no fork.
 */
int rngd_background(int *ready_fd, int *status, struct vrng_error *error);

/*
 * In the daemon: @status 0 says that all is well, another lets the starting
 * process end with it. Closes @ready_fd.
 */
void rngd_background_tell(int ready_fd, int status);

/* Let go of the terminal and of the current folder. */
int rngd_background_detach(struct vrng_error *error);

#endif
