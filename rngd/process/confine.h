/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The split into processes, and what each of them may do:
 *
 *	rngd-helper	CAP_SYS_ADMIN and no other capability; credits (helper.h)
 *	rngd-opener	no capability; opens one file of a source, and exists for
 *			each that rngd's new user might not open at the start
 *			(opener.h)
 *	rngd-runner	runs programs of exec: sources, as rngd's user, without a
 *			filter; exists if there may be such sources (runner.h)
 *	rngd-hooks	all that rngd was started with; runs the programs of one
 *			folder, and exists only if that folder does (fork/hooks.h)
 *	rngd		another user, no capabilities, filtered system calls;
 *			reads sources, parses, tests, answers rngctl
 *
 * If rngd was not started by root and does not credit the kernel, there is no
 * helper, and rngd keeps its user.
 */
#ifndef RNGD_PROCESS_CONFINE_H
#define RNGD_PROCESS_CONFINE_H

#include "rngd/process/daemon.h"
#include "rngd/process/user.h"

/*
 * Fork the other processes and give up privileges, for good. Before there are
 * threads. @user is the new user, whose groups are found here; NULL: keep the present
 * one. A negative errno.
 */
int rngd_confine(struct rngd_daemon *d, struct rngd_user *user,
		 struct vrng_error *error);

#endif
