// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/capability.h>
#include <stddef.h>

#include "rngd/base/array.h"
#include "rngd/base/sandbox.h"
#include "tests/device/runtime/name_calls.h"
#include "tests/device/vhost-user-rng/folder_sandbox.h"

static const char *const folder_calls[] = {
	/* the options */
	"read",
	"pread64",
	"open",
	"openat",
	"getdents64",
	"lseek",
	"fstat",
	"newfstatat",
	/* sockets */
	"lstat",
	"bind",
	"listen",
	"connect",
	"umask",
	"chmod",
	"fchmodat",
	"lchown",
	"fchownat",
	"unlink",
	"unlinkat",
	/* the owner, and the log */
	"recvfrom",
	"recvmsg",
	"sendto",
	"sendmsg",
	"getsockname",
	"getpeername",
	"getsockopt",
	"setsockopt",
	"write",
	"writev",
	"close",
	"fcntl",
	"poll",
	"ppoll",
	"clock_gettime",
	"restart_syscall",
	"futex",
	/* memory and the end */
	"brk",
	"madvise",
	"mmap",
	"mprotect",
	"mremap",
	"munmap",
	"getpid",
	"gettid",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"exit",
	"exit_group",
	NULL,
};

/* Owners have names. */
const struct vrng_seccomp_rules folder_sandbox_rules = {
	.calls = { folder_calls, name_calls },
	.families = VRNG_SECCOMP_SET(name_families),
	.libc_sockets = true,
	.code = true,
};

static const unsigned int capabilities[] = { CAP_CHOWN, CAP_DAC_OVERRIDE,
					     CAP_FOWNER };

int folder_sandbox_enter(const char *sockets, struct vrng_error *error)
{
	const struct vrng_landlock_folder folder = { .path = sockets,
						     .writes = true };
	const struct vrng_landlock landlock = { .reads = true,
						.folders = &folder,
						.n = 1 };
	const struct vrng_sandbox sandbox = { .rules = &folder_sandbox_rules,
					      .opens_files = true,
					      .landlock = &landlock,
					      .capabilities = capabilities,
					      .n_capabilities = VRNG_LENGTH(
						      capabilities) };

	return vrng_sandbox_enter(&sandbox, error);
}
