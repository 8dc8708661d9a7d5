/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that does for ours what it may not, or should not wait for: forked
 * early, with one socket between the two and nothing else of ours but standard
 * error. Each sees the other's end by the socket's.
 */
#ifndef RNGD_BASE_SUBPROCESS_H
#define RNGD_BASE_SUBPROCESS_H

#include <sys/types.h>

#include "vrng/error.h"

/*
 * Fork: before there are threads. @sock is each one's end of a pair of Unix
 * sockets of @type, with its flags; @keep, if not -1, is a descriptor that the
 * other one is to have as well. What is returned is as of fork(2), or a
 * negative errno with @error, which begins with @what the other is.
 */
pid_t vrng_subprocess_fork(int *sock, int type, int keep, const char *what,
			   struct vrng_error *error);

#endif
