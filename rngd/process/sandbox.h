/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which system calls each of rngd's processes may make. */
#ifndef RNGD_PROCESS_SANDBOX_H
#define RNGD_PROCESS_SANDBOX_H

#include "rngd/base/seccomp.h"

/*
 * The process that reads and tests: files, sockets, memory, threads, and the
 * ioctls of random devices and terminals. No new programs, and no access to
 * other processes.
 */
extern const struct vrng_seccomp_rules rngd_sandbox_daemon;

/* The same without a helper: it may also remove files. */
extern const struct vrng_seccomp_rules rngd_sandbox_daemon_removing;

/* The helper: a socket, RNDADDENTROPY, RNDRESEEDCRNG, unlink; it opens nothing. */
extern const struct vrng_seccomp_rules rngd_sandbox_helper;

/* A process that opens a file: a socket, open, stat. */
extern const struct vrng_seccomp_rules rngd_sandbox_opener;

/*
 * Load @rules, and deny access to other processes' memory if the kernel has
 * Landlock. For good, before there are threads. 0 or a negative errno.
 */
int rngd_sandbox_enter(const struct vrng_seccomp_rules *rules);

#endif
