// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/capability.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "rngd/base/array.h"
#include "rngd/base/sandbox.h"
#include "tests/device/runtime/sandbox.h"

static const char *const plain_calls[] = {
	/* bytes */
	"read",
	"readv",
	"pread64", /* the signs of a VM fork */
	"write",
	"writev", /* musl's streams write by it */
	"recvfrom",
	"recvmsg",
	"sendto",
	"getrandom",
	/* descriptors */
	"accept4",
	"close",
	"fcntl",
	"fstat",
	"newfstatat", /* what C libraries make of fstat() */
	"shutdown",
	/* waiting */
	"epoll_ctl",
	"epoll_wait",
	"epoll_pwait",
	"poll",
	"ppoll",
	"timerfd_settime",
	"clock_gettime",
	"restart_syscall",
	"futex",
	"sched_yield",
	"wait4",
	/* memory */
	"brk",
	"madvise",
	"mmap",
	"mprotect",
	"mremap",
	"munmap",
	/* threads and their end */
	"clone",
	"getpid", /* clients of EGD may ask for it */
	"gettid",
	"sched_getaffinity", /* how many states getrandom() makes in its vDSO */
	"set_robust_list",
	"set_tid_address",
	"rseq",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"exit",
	"exit_group",
	NULL,
};

static const char *const connect_calls[] = { "connect", NULL };
static const unsigned long connect_families[] = { AF_UNIX };

/* Replies of several pieces, and who a client is. */
static const char *const gather_calls[] = { "sendmsg", "getsockopt", NULL };

/* A loop, its descriptors and locked memory for each socket. */
static const char *const add_calls[] = {
	"epoll_create1", "eventfd2", "timerfd_create", "mlock", "mlock2",
	"getsockopt",	 NULL
};

/* Over the sockets that it has, and over pairs of its own. */
static const char *const hand_over_calls[] = { "sendmsg", "socketpair", NULL };

/*
 * Each in the forms of the architectures and C libraries. Folders are listed, and
 * descriptors sent, for signs of VM forks.
 */
static const char *const file_calls[] = { "open",    "openat",	   "stat",
					  "lstat",   "newfstatat", "fchmod",
					  "rename",  "renameat",   "renameat2",
					  "unlink",  "unlinkat",   "getdents64",
					  "sendmsg", NULL };

struct vrng_seccomp_rules sandbox_rules(const struct sandbox *box)
{
	struct vrng_seccomp_rules rules = { .calls = { plain_calls } };

	if (box->connects) {
		rules.calls[1] = connect_calls;
		rules.families = (struct vrng_seccomp_set)VRNG_SECCOMP_SET(
			connect_families);
	}
	if (box->gathers)
		rules.calls[2] = gather_calls;
	if (box->adds)
		rules.calls[3] = add_calls;
	if (box->replaces_files)
		rules.calls[4] = file_calls;
	if (box->hands_over)
		rules.calls[5] = hand_over_calls;
	return rules;
}

/* In other users' folders. */
static const unsigned int file_capabilities[] = { CAP_DAC_OVERRIDE,
						  CAP_FOWNER };

int sandbox_enter(const struct sandbox *box, struct vrng_error *error)
{
	const struct vrng_seccomp_rules rules = sandbox_rules(box);
	const bool files = box->replaces_files;
	const struct vrng_sandbox sandbox = {
		.rules = &rules,
		.fds = box->fds,
		.data = box->data,
		.opens_files = files,
		.capabilities = file_capabilities,
		.n_capabilities = files ? VRNG_LENGTH(file_capabilities) : 0,
	};

	return vrng_sandbox_enter(&sandbox, error);
}
