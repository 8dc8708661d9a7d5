/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes from a process, in stages, what it does not need once it serves:
 *
 *	limits		no core dumps; descriptors and memory, where given
 *	capabilities	none, also for root, unless kept
 *	new code	no memory becomes executable (Linux 6.3 and later)
 *	Landlock	no access to the memory of other processes, and to files
 *			as @landlock says, for a process that opens files
 *	system calls	those of a filter (seccomp.h), and no new privileges
 *
 * What must not fail is told; a kernel without Landlock or PR_SET_MDWE does
 * without.
 */
#ifndef RNGD_BASE_SANDBOX_H
#define RNGD_BASE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "rngd/base/landlock.h"
#include "rngd/base/seccomp.h"
#include "vrng/error.h"

struct vrng_sandbox {
	const struct vrng_seccomp_rules *rules;
	struct vrng_seccomp_program *built; /* of @rules; NULL: not so far */
	unsigned long fds; /* RLIMIT_NOFILE; 0: as it is */
	unsigned long data; /* RLIMIT_DATA, bytes; 0: as it is */
	bool opens_files; /* by its rules: Landlock is needed */
	const struct vrng_landlock *landlock; /* NULL: see landlock.h */
	bool keeps_capabilities; /* the caller has dropped them */
	/* Of those that it has, these are kept; not with @keeps_capabilities. */
	const unsigned int *capabilities;
	size_t n_capabilities;
};

/*
 * For this thread and all that it makes, for good. Call it while there is one
 * thread. 0, or a negative errno with @error.
 */
int vrng_sandbox_enter(const struct vrng_sandbox *sandbox,
		       struct vrng_error *error);

/* True if it was built for a sanitizer: vrng_sandbox_enter() does nothing. */
bool vrng_sandbox_is_left_out(void);

#endif
