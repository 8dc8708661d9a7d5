/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sandboxes of the processes that have to do with a source:
 *
 *	source process	another user where root started the program, and no
 *			capabilities. By the kind of source it may:
 *
 *			file, tty	read and write what it is handed (source_opener.h)
 *			unix, egd:unix	connect to Unix sockets
 *			tcp, egd:tcp	connect, and read files, for name services
 *			jitter		use AF_ALG
 *			exec		run programs
 *
 *			It reads the signs of VM forks. Only with exec may it execute
 *			files, and write to any. The programs inherit its
 *			user and its filter, of the kind @programs in seccomp.h.
 *	opener		opens files of given folders, and no more
 */
#ifndef DEVICE_ENTROPY_SOURCE_SANDBOX_H
#define DEVICE_ENTROPY_SOURCE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "rngd/base/seccomp.h"
#include "vrng/error.h"

struct fork_signs;
struct helper_user;

/* Of the process that reads the source @spec. */
struct vrng_seccomp_rules source_sandbox_rules(const char *spec);

/* Of the process that opens files. */
extern const struct vrng_seccomp_rules source_sandbox_opener;

/*
 * False: the source @spec is a Unix socket that is not open to @user, who is the
 * default and not the operator's choice.
 */
bool source_sandbox_may_become(const char *spec,
			       const struct helper_user *user);

/*
 * Become @user (NULL: stay), and enter the sandbox of the process that reads the
 * source @spec and follows @signs (NULL: the default places). For this thread and
 * all that it makes. 0, or a negative errno with @error.
 */
int source_sandbox_enter(const char *spec, const struct helper_user *user,
			 const struct fork_signs *signs,
			 struct vrng_error *error);

/*
 * The same for the process that opens files of @n @folders (NULLs are passed over);
 * @writes: also for writing.
 */
int source_sandbox_enter_opener(char *const *folders, size_t n, bool writes,
				struct vrng_error *error);

#endif
