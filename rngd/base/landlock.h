/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shuts a process off from the memory of others. A filter of system calls
 * (seccomp.h) cannot: it does not see paths, so a process that may open files
 * could open /proc/PID/mem of its user's other processes and write to it.
 *
 * A process in a Landlock domain cannot access the memory of processes outside
 * of the domain, in any way, and executes no file.
 */
#ifndef RNGD_BASE_LANDLOCK_H
#define RNGD_BASE_LANDLOCK_H

/*
 * Enter a domain, for this thread and all that it makes, for good; sets
 * PR_SET_NO_NEW_PRIVS. 0, or a negative errno: -ENOSYS before Linux 5.13,
 * -EOPNOTSUPP if Landlock is turned off.
 */
int vrng_landlock_enter(void);

#endif
