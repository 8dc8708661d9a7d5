/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filters of system calls (seccomp): what is not on the list kills the process.
 * For good, and for all threads that come; PR_SET_NO_NEW_PRIVS is set. Before
 * there are threads.
 */
#ifndef RNGD_SANDBOX_H
#define RNGD_SANDBOX_H

#include <stdbool.h>

/*
 * The process that reads and tests: files, sockets, memory, threads; no new
 * programs, no other process's memory, no ioctl but those that devices that
 * give random bytes need. @removes: it also removes files, as it must where there is
 * no other process to do that.
 */
int rngd_sandbox_daemon(bool removes);

/* The privileged one: its socket, RNDADDENTROPY, RNDRESEEDCRNG, open, unlink. */
int rngd_sandbox_helper(void);

#endif
