// SPDX-License-Identifier: GPL-2.0-or-later
/* Filters of system calls: see sandbox.h. */
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <linux/random.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "rngd/sandbox.h"

/* Names, for those that this kernel or this machine does not have. */
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
	"_llseek",
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
	"statx",
	"fstatfs",
	"statfs",
	"access",
	"faccessat",
	"faccessat2",
	"readlink",
	"readlinkat",
	"getdents64",
	"getcwd",
	/* sockets */
	"socket",
	"connect",
	"bind",
	"accept",
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
	/* what it may ask for */
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
};

/* Of devices: terminals, the pool's count. TCSBRK & co. are tcdrain's. */
static const unsigned long daemon_ioctls[] = {
	TCGETS,	  TCSETS,   TCSETSW,  TCSETSF,	    TCSBRK,   TCFLSH,
	TCGETS2,  TCSETS2,  TCSETSW2, TCSETSF2,	    TIOCOUTQ, TIOCEXCL,
	TIOCNXCL, FIONREAD, FIONBIO,  RNDGETENTCNT,
};

static const char *const remove_calls[] = { "unlink", "unlinkat" };

static const char *const helper_calls[] = {
	"recvfrom",   "recvmsg",    "sendto",	    "sendmsg",	       "close",
	"open",	      "openat",	    "unlink",	    "unlinkat",	       "mlock",
	"exit",	      "exit_group", "rt_sigreturn", "restart_syscall", "lstat",
	"newfstatat", "fstatat64",  "statx",
};

static const unsigned long helper_ioctls[] = { RNDADDENTROPY, RNDRESEEDCRNG };

static int allow(scmp_filter_ctx filter, const char *const *names, size_t n)
{
	size_t i;
	int nr, ret;

	for (i = 0; i < n; i++) {
		nr = seccomp_syscall_resolve_name(names[i]);
		if (nr == __NR_SCMP_ERROR)
			continue;
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, nr, 0);
		if (ret && ret != -EDOM)
			return ret;
	}
	return 0;
}

static int allow_ioctls(scmp_filter_ctx filter, const unsigned long *requests,
			size_t n)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < n && !ret; i++)
		ret = seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, requests[i]));
	return ret;
}

/*
 * Threads yes, processes no. The flags of clone3() are out of a filter's sight:
 * it is as if it were not there, and the C library takes clone().
 */
static int allow_threads(scmp_filter_ctx filter)
{
	int ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				   SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD,
					   CLONE_THREAD));

	if (!ret)
		ret = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
				       SCMP_SYS(clone3), 0);
	return ret;
}

/* Limits may be asked for, of ourselves, and not be set. */
static int allow_own(scmp_filter_ctx filter)
{
	int ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64),
				   2, SCMP_A0(SCMP_CMP_EQ, 0, 0),
				   SCMP_A2(SCMP_CMP_EQ, 0, 0));

	if (!ret)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl),
				       1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0));
	return ret;
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int load(scmp_filter_ctx filter, int ret)
{
	if (!ret)
		ret = seccomp_load(filter);
	seccomp_release(filter);
	return ret;
}

int rngd_sandbox_daemon(bool removes)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int ret;

	if (!filter)
		return -ENOMEM;
	ret = allow(filter, daemon_calls, COUNT(daemon_calls));
	if (!ret && removes)
		ret = allow(filter, remove_calls, COUNT(remove_calls));
	if (!ret)
		ret = allow_ioctls(filter, daemon_ioctls, COUNT(daemon_ioctls));
	if (!ret)
		ret = allow_threads(filter);
	if (!ret)
		ret = allow_own(filter);
	return load(filter, ret);
}

int rngd_sandbox_helper(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int ret;

	if (!filter)
		return -ENOMEM;
	ret = allow(filter, helper_calls, COUNT(helper_calls));
	if (!ret)
		ret = allow_ioctls(filter, helper_ioctls, COUNT(helper_ioctls));
	return load(filter, ret);
}
