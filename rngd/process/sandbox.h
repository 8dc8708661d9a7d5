/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each of rngd's processes may ask the kernel for.
 */
#ifndef RNGD_PROCESS_SANDBOX_H
#define RNGD_PROCESS_SANDBOX_H

#include "rngd/base/seccomp.h"

/*
 * The process that reads and tests: files, sockets, memory, threads; no new
 * programs, no other process's memory, no ioctl but those that devices that
 * give random bytes need.
 */
extern const struct vrng_seccomp_rules rngd_sandbox_daemon;

/* The same for a daemon that removes its files itself. */
extern const struct vrng_seccomp_rules rngd_sandbox_daemon_removing;

/* The privileged one: a socket, RNDADDENTROPY, RNDRESEEDCRNG, open, unlink. */
extern const struct vrng_seccomp_rules rngd_sandbox_helper;

/*
 * Keep to @rules from here on, and out of other processes' memory where the
 * kernel has Landlock. Before there are threads. 0 or a negative errno.
 */
int rngd_sandbox_enter(const struct vrng_seccomp_rules *rules);

#endif
