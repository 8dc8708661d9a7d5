/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process that faces guests or clients may still do once it serves them,
 * which is little: move bytes between descriptors it has, map memory it is
 * handed, and end. It opens no file, makes no process, and runs no code that it
 * did not begin with. What needs more is done by others, which were forked
 * before and see no guest: fetch.h for the source, clerk.h for files.
 *
 * In stages: no core dumps and bounded descriptors and memory; no capabilities,
 * also for root; no memory that becomes executable, from Linux 6.3 on; no
 * privileges gained; then the system calls: rngd/base/seccomp.h says which get
 * an error, and which end the process.
 *
 * Address space is not bounded here: guest memory is most of it, which memmap.h
 * bounds for each guest.
 */
#ifndef DEVICE_RUNTIME_SANDBOX_H
#define DEVICE_RUNTIME_SANDBOX_H

#include <stdbool.h>

#include "rngd/base/seccomp.h"
#include "vrng/error.h"

struct sandbox {
	unsigned long fds; /* descriptors, at most */
	unsigned long data; /* bytes of memory but the guests', at most */
	bool connects; /* to Unix sockets */
	bool gathers; /* sends what lies in several pieces */
};

/* The system calls that are left in it. */
struct vrng_seccomp_rules sandbox_rules(const struct sandbox *sandbox);

/* For this thread, and all that it makes. 0 or a negative errno. */
int sandbox_enter(const struct sandbox *sandbox, struct vrng_error *error);

/* Built without, because sanitizers need calls of their own? */
bool sandbox_is_left_out(void);

#endif
