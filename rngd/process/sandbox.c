// SPDX-License-Identifier: GPL-2.0-or-later
/* The system calls of rngd's processes: see sandbox.h. */
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/random.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "rngd/base/array.h"
#include "rngd/base/sandbox.h"
#include "rngd/process/sandbox.h"

static const char *const daemon_calls[] = {
	/* descriptors */
	"read",
	"readv",
	"pread64",
	"write",
	"writev",
	"pwrite64",
	"close",
	"close_range",
	"dup",
	"dup2",
	"dup3",
	"fcntl",
	"lseek",
	"pipe2",
	"eventfd2",
	"flock",
	/* waiting */
	"poll",
	"ppoll",
	"select",
	"pselect6",
	"epoll_create1",
	"epoll_ctl",
	"epoll_wait",
	"epoll_pwait",
	"timerfd_create",
	"timerfd_settime",
	"signalfd4",
	"restart_syscall",
	"nanosleep",
	"clock_nanosleep",
	/* files */
	"open",
	"openat",
	"stat",
	"lstat",
	"fstat",
	"newfstatat",
	"fstatfs",
	"statfs",
	"access",
	"faccessat",
	"readlink",
	"readlinkat",
	"getdents64",
	"getcwd",
	/* sockets */
	"connect",
	"bind",
	"accept4",
	"shutdown",
	"sendto",
	"sendmsg",
	"sendmmsg",
	"recvfrom",
	"recvmsg",
	"recvmmsg",
	"getsockname",
	"getpeername",
	"getsockopt",
	"setsockopt",
	/* memory */
	"brk",
	"mmap",
	"munmap",
	"mremap",
	"mprotect",
	"madvise",
	"mlock",
	"mlock2",
	"munlock",
	"membarrier",
	/* threads and signals */
	"clone",
	"set_tid_address",
	"futex",
	"set_robust_list",
	"rseq",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"sigaltstack",
	"sched_yield",
	"sched_getaffinity",
	"exit",
	"exit_group",
	"tgkill",
	"wait4",
	"waitid",
	"pidfd_open",
	/* asking the kernel */
	"clock_gettime",
	"clock_getres",
	"gettimeofday",
	"time",
	"getpid",
	"gettid",
	"getppid",
	"getuid",
	"geteuid",
	"getgid",
	"getegid",
	"getrandom",
	"uname",
	"sysinfo",
	"getrlimit",
	"prlimit64",
	"prctl",
	NULL,
};

/*
 * Terminals, and the pool's count. tcdrain(3) and tcflush(3) use TCSBRK,
 * TCFLSH.
 */
static const unsigned long daemon_ioctls[] = {
	TCGETS,	  TCSETS,   TCSETSW,  TCSETSF,	TCSBRK,	 TCFLSH,
	TIOCOUTQ, TIOCEXCL, TIOCNXCL, FIONREAD, FIONBIO, RNDGETENTCNT,
#ifdef TCGETS2
	TCGETS2,  TCSETS2,  TCSETSW2, TCSETSF2,
#endif
};

/*
 * The families of all combinations of RNGD_NEEDS_*. getaddrinfo(3) lists addresses by
 * AF_NETLINK, and asks name services by AF_UNIX.
 */
#define NETWORK AF_UNIX, AF_INET, AF_INET6, AF_NETLINK

static const unsigned long unix_families[] = { AF_UNIX };
static const unsigned long network_families[] = { NETWORK };
static const unsigned long crypto_families[] = { AF_ALG };
static const unsigned long unix_crypto_families[] = { AF_UNIX, AF_ALG };
static const unsigned long daemon_families[] = { NETWORK, AF_ALG };

static const struct vrng_seccomp_set families[RNGD_NEEDS_ALL + 1] = {
	[RNGD_NEEDS_UNIX] = VRNG_SECCOMP_SET(unix_families),
	[RNGD_NEEDS_NETWORK] = VRNG_SECCOMP_SET(network_families),
	[RNGD_NEEDS_NETWORK | RNGD_NEEDS_UNIX] =
		VRNG_SECCOMP_SET(network_families),
	[RNGD_NEEDS_CRYPTO] = VRNG_SECCOMP_SET(crypto_families),
	[RNGD_NEEDS_CRYPTO | RNGD_NEEDS_UNIX] =
		VRNG_SECCOMP_SET(unix_crypto_families),
	[RNGD_NEEDS_CRYPTO | RNGD_NEEDS_NETWORK] =
		VRNG_SECCOMP_SET(daemon_families),
	[RNGD_NEEDS_ALL] = VRNG_SECCOMP_SET(daemon_families),
};

static const char *const remove_calls[] = { "unlink", "unlinkat", NULL };

static const char *const helper_calls[] = {
	"recvfrom", "recvmsg", "sendto",     "sendmsg",	     "close",
	"read",	    "write",   "poll",	     "ppoll",	     "unlink",
	"unlinkat", "lstat",   "newfstatat", "mlock",	     "madvise",
	"munlock",  "exit",    "exit_group", "rt_sigreturn", "restart_syscall",
	NULL,
};

static const char *const opener_calls[] = {
	"recvfrom",
	"recvmsg",
	"sendto",
	"sendmsg",
	"close",
	"open",
	"openat",
	"stat",
	"lstat",
	"readlink",
	"readlinkat",
	"fstat",
	"madvise",
	"munlock",
	"newfstatat",
	"fcntl", /* musl's open() sets FD_CLOEXEC by it as well */
	"exit",
	"exit_group",
	"rt_sigreturn",
	"restart_syscall",
	NULL,
};

static const unsigned long helper_ioctls[] = { RNDADDENTROPY, RNDRESEEDCRNG };

const struct vrng_seccomp_rules rngd_sandbox_daemon = {
	.calls = { daemon_calls },
	.ioctls = VRNG_SECCOMP_SET(daemon_ioctls),
	.families = VRNG_SECCOMP_SET(daemon_families),
	.libc_sockets = true,
	.code = true,
};

const struct vrng_seccomp_rules rngd_sandbox_daemon_removing = {
	.calls = { daemon_calls, remove_calls },
	.ioctls = VRNG_SECCOMP_SET(daemon_ioctls),
	.families = VRNG_SECCOMP_SET(daemon_families),
	.libc_sockets = true,
	.code = true,
};

const struct vrng_seccomp_rules rngd_sandbox_helper = {
	.calls = { helper_calls },
	.ioctls = VRNG_SECCOMP_SET(helper_ioctls),
};

const struct vrng_seccomp_rules rngd_sandbox_opener = {
	.calls = { opener_calls },
};

unsigned int rngd_sandbox_needs(const char *spec)
{
	static const struct {
		const char *begin;
		unsigned int needs;
	} table[] = {
		{ "unix:", RNGD_NEEDS_UNIX },
		{ "egd:unix:", RNGD_NEEDS_UNIX },
		{ "tcp:", RNGD_NEEDS_NETWORK },
		{ "egd:tcp:", RNGD_NEEDS_NETWORK },
		{ "jitter", RNGD_NEEDS_CRYPTO },
	};
	size_t i;

	for (i = 0; i < VRNG_LENGTH(table); i++)
		if (!strncmp(spec, table[i].begin, strlen(table[i].begin)))
			return table[i].needs;
	return 0;
}

struct vrng_seccomp_rules rngd_sandbox_rules(unsigned int needs, bool removes)
{
	struct vrng_seccomp_rules rules =
		removes ? rngd_sandbox_daemon_removing : rngd_sandbox_daemon;

	rules.families = families[needs & RNGD_NEEDS_ALL];
	rules.libc_sockets = needs != 0;
	rules.code = needs & RNGD_NEEDS_NETWORK;
	return rules;
}

/* privilege.c has dropped capabilities, and the user with them. */
int rngd_sandbox_enter(const struct vrng_seccomp_rules *rules)
{
	return rngd_sandbox_enter_built(rules, NULL);
}

int rngd_sandbox_enter_built(const struct vrng_seccomp_rules *rules,
			     struct vrng_seccomp_program *built)
{
	const struct vrng_sandbox sandbox = { .rules = rules,
					      .built = built,
					      .opens_files = true,
					      .keeps_capabilities = true };

	return vrng_sandbox_enter(&sandbox, NULL);
}
