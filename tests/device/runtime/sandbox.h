/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sandbox of a process that faces guests or clients. It moves bytes between
 * the descriptors that it has, maps memory that it is handed, and ends. It
 * opens no file, makes no process and runs no code that it did not begin with.
 * The file helper, which sees no guest, has a sandbox with files.
 * Other processes, forked before, do the rest and see no guest: the source
 * process (entropy/source_process.h) and the file helper (file_helper.h).
 *
 * rngd/base/sandbox.h lists the stages. Address space has no limit here,
 * because guest memory is most of it: guest-memory/map.h bounds that for each
 * guest.
 */
#ifndef DEVICE_RUNTIME_SANDBOX_H
#define DEVICE_RUNTIME_SANDBOX_H

#include <stdbool.h>

#include "rngd/base/seccomp.h"
#include "vrng/error.h"

struct sandbox {
	unsigned long fds; /* descriptors, at most; 0: as before */
	unsigned long data; /* bytes without guest memory, at most; not 0 */
	bool connects; /* connect() to Unix sockets is allowed */
	bool adds; /* it may begin to serve further sockets */
	bool gathers; /* sendmsg() is allowed, for data in several pieces */
	bool hands_over; /* it may pass its descriptors to a successor */
	/*
	 * It creates, replaces and removes files, and of root's capabilities it
	 * keeps those to do so in other users' folders.
	 */
	bool replaces_files;
};

/* The system calls that are left in it. */
struct vrng_seccomp_rules sandbox_rules(const struct sandbox *sandbox);

/* For this thread and all that it makes. 0, or a negative errno with @error. */
int sandbox_enter(const struct sandbox *sandbox, struct vrng_error *error);

#endif
