/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a filter of system calls (seccomp.h) cannot see, because it is in a path:
 * a process that may open files can open /proc/PID/mem, too, and write to the
 * memory of its user's other processes.
 *
 * A process in a domain of Landlock has no access to the memory of processes
 * outside of it, by whatever way, and executes no file.
 */
#ifndef RNGD_BASE_LANDLOCK_H
#define RNGD_BASE_LANDLOCK_H

/*
 * For this thread and all that it makes, for good. PR_SET_NO_NEW_PRIVS is set
 * first. 0, or a negative errno: -ENOSYS before Linux 5.13, -EOPNOTSUPP where
 * Landlock is turned off.
 */
int vrng_landlock_enter(void);

#endif
