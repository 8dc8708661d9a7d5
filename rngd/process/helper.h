/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The privileged process, rngd-helper: it has CAP_SYS_ADMIN and does what
 * messages ask it to do (message.h). It credits entropy and makes the kernel
 * reseed, and removes rngd's files when the other process has ended. It reads the
 * kernel's log, which the other process may not, and passes on how many of its lines
 * show a VM fork (signs/kernel_log.h): a number, and nothing of the text.
 *
 * privops.h starts it, and is the caller's side.
 */
#ifndef RNGD_PROCESS_HELPER_H
#define RNGD_PROCESS_HELPER_H

#include <stdbool.h>
#include <stddef.h>

#include "rngd/base/ours.h"
#include "rngd/process/opener.h"
#include "rngd/sinks/kernel_pool.h"

#define RNGD_HELPER_OPENERS 32
#define RNGD_HELPER_FILES   2

struct rngd_helper_setup {
	struct vrng_kernel_pool *pool; /* NULL: credits are refused */
	struct rngd_opener_file openable[RNGD_HELPER_OPENERS];
	size_t openables;
	struct vrng_ours file[RNGD_HELPER_FILES]; /* removed at the end */
	size_t files;
	int pid_fd; /* the pid file: locked until it is removed; -1: none */
	bool filter; /* its system calls */
	int log_fd; /* of rngd_kernel_log_open(); negative: none */
	int forks_fd; /* of eventfd(2): forks that the log shows; -1: none */
};

/*
 * What the process does, from its fork on: give up all other privileges, then
 * load @filter, built of rngd_sandbox_helper (NULL: none), and serve requests from
 * @sock until the other end is closed, then remove the
 * files and exit.
 */
_Noreturn void rngd_helper_main(const struct rngd_helper_setup *setup,
				struct vrng_seccomp_program *filter, int sock);

#endif
