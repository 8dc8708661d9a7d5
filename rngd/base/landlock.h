/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shuts a process off from the memory of others, and from files. A filter of system
 * calls (seccomp.h) cannot: it does not see paths, so a process that may open files
 * could open /proc/PID/mem of its user's other processes and write to it.
 *
 * A process in a Landlock domain cannot access the memory of processes outside
 * of the domain, in any way. The rest is up to the caller.
 */
#ifndef RNGD_BASE_LANDLOCK_H
#define RNGD_BASE_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

/* What is below a folder. Files are also made, replaced and removed by writing. */
struct vrng_landlock_folder {
	const char *path; /* one that cannot be opened is passed over */
	bool reads;
	bool writes;
};

struct vrng_landlock {
	bool executes; /* it may execute files */
	bool reads; /* it may read all that its user may read */
	bool writes; /* likewise */
	const struct vrng_landlock_folder *folders; /* beside that */
	size_t n; /* of them */
};

/*
 * Enter a domain, for this thread and all that it makes, for good; sets
 * PR_SET_NO_NEW_PRIVS. NULL: it may read and write, and executes no file. 0, or a
 * negative errno: -ENOSYS before Linux 5.13, -EOPNOTSUPP if Landlock is turned off.
 */
int vrng_landlock_enter(const struct vrng_landlock *landlock);

#endif
