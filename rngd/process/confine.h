/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The split into processes, and what each of them may do:
 *
 *	privileged	CAP_SYS_ADMIN; two ioctls, a fixed list of devices
 *	hooks		all that rngd was started with; runs one folder's programs,
 *			and only where that folder is there
 *	this one	another user, no capabilities, filtered system calls; reads
 *			sources, parses, tests, answers
 *
 * Where rngd was not started by root, and credits no kernel, there is only the
 * last, as the user who started it.
 */
#ifndef RNGD_PROCESS_CONFINE_H
#define RNGD_PROCESS_CONFINE_H

#include "rngd/process/daemon.h"

/* The control socket, while it may be made. */
int rngd_confine_control(struct rngd_daemon *d, struct vrng_error *error);

/* For good. Before there are threads. -EINVAL for an unknown user. */
int rngd_confine(struct rngd_daemon *d, struct vrng_error *error);

/* Files are removed, by whom may; the other processes end. Any time, once. */
void rngd_confine_end(struct rngd_daemon *d);

#endif
