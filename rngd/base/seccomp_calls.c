// SPDX-License-Identifier: GPL-2.0-or-later
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/net.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include "rngd/base/array.h"
#include "rngd/base/seccomp_calls.h"

/*
 * Forms of one call, with other widths of integers or time, or other arguments.
 */
static const struct form {
	const char *name;
	const char *of;
} forms[] = {
	{ "_llseek", "lseek" },
	{ "_newselect", "select" },
	{ "accept", "accept4" },
	{ "clock_getres_time64", "clock_getres" },
	{ "clock_gettime64", "clock_gettime" },
	{ "clock_nanosleep_time64", "clock_nanosleep" },
	{ "faccessat2", "faccessat" },
	{ "fcntl64", "fcntl" },
	{ "fstat64", "fstat" },
	{ "fstatat64", "newfstatat" },
	{ "fstatfs64", "fstatfs" },
	{ "futex_time64", "futex" },
	{ "getegid32", "getegid" },
	{ "geteuid32", "geteuid" },
	{ "getgid32", "getgid" },
	{ "getuid32", "getuid" },
	{ "lstat64", "lstat" },
	{ "mmap2", "mmap" },
	{ "ppoll_time64", "ppoll" },
	{ "pselect6_time64", "pselect6" },
	{ "recv", "recvfrom" },
	{ "recvmmsg_time64", "recvmmsg" },
	{ "send", "sendto" },
	{ "sigreturn", "rt_sigreturn" },
	{ "stat64", "stat" },
	{ "statfs64", "statfs" },
	{ "statx", "newfstatat" },
	{ "timerfd_settime64", "timerfd_settime" },
	{ "ugetrlimit", "getrlimit" },
	{ "waitpid", "wait4" },
};

/*
 * Calls that C libraries make on their own: questions about threads,
 * processors, time and the process's owner, and newer ways to do what a listed
 * call does. clone3() is one of these, because its flags lie in memory, where a
 * filter cannot see them: the library then falls back to clone().
 */
static const char *const harmless[] = {
	"arch_prctl",
	"clock_getres",
	"clone3",
	"close_range",
	"epoll_pwait2",
	"faccessat2",
	"futex_waitv",
	"get_robust_list",
	"get_thread_area",
	"getcpu",
	"getegid",
	"geteuid",
	"getgid",
	"getpgid",
	"getpgrp",
	"getpid",
	"getppid",
	"getrandom",
	"getresgid",
	"getresuid",
	"getrlimit",
	"getrusage",
	"getsid",
	"gettid",
	"gettimeofday",
	"getuid",
	"madvise",
	"membarrier",
	"mincore",
	"riscv_flush_icache",
	"riscv_hwprobe",
	"rseq",
	"sched_get_priority_max",
	"sched_get_priority_min",
	"sched_getaffinity",
	"sched_getattr",
	"sched_getparam",
	"sched_getscheduler",
	"sched_yield",
	"set_robust_list",
	"set_thread_area",
	"set_tid_address",
	"sigaltstack",
	"statx",
	"sysinfo",
	"time",
	"times",
	"uname",
};

/*
 * Calls that reach beyond a user's own files and processes: other processes' memory,
 * namespaces and mounts, keys, the machine as a whole, and parts of the kernel that
 * few programs need and many exploits do.
 */
static const char *const beyond_programs[] = {
	/* other processes */
	"kcmp",
	"pidfd_getfd",
	"process_madvise",
	"process_vm_readv",
	"process_vm_writev",
	"ptrace",
	/* namespaces and mounts */
	"chroot",
	"fsconfig",
	"fsmount",
	"fsopen",
	"fspick",
	"mount",
	"mount_setattr",
	"move_mount",
	"open_by_handle_at",
	"open_tree",
	"pivot_root",
	"setns",
	"umount",
	"umount2",
	"unshare",
	/* keys */
	"add_key",
	"keyctl",
	"request_key",
	/* the machine */
	"acct",
	"adjtimex",
	"clock_adjtime",
	"clock_adjtime64",
	"clock_settime",
	"clock_settime64",
	"create_module",
	"delete_module",
	"finit_module",
	"init_module",
	"ioperm",
	"iopl",
	"kexec_file_load",
	"kexec_load",
	"quotactl",
	"quotactl_fd",
	"reboot",
	"setdomainname",
	"sethostname",
	"settimeofday",
	"stime",
	"swapoff",
	"swapon",
	"syslog",
	"vhangup",
	/* parts of the kernel */
	"bpf",
	"fanotify_init",
	"io_uring_enter",
	"io_uring_register",
	"io_uring_setup",
	"lookup_dcookie",
	"perf_event_open",
	"userfaultfd",
	"uselib",
};

static const unsigned long terminal_queries[] = {
	TCGETS,
	TIOCGWINSZ,
#ifdef TCGETS2
	TCGETS2,
#endif
};

const struct vrng_seccomp_set vrng_seccomp_terminal_queries =
	VRNG_SECCOMP_SET(terminal_queries);

const struct vrng_seccomp_subcall vrng_seccomp_subcalls[] = {
	{ SYS_BIND, "bind" },
	{ SYS_CONNECT, "connect" },
	{ SYS_LISTEN, "listen" },
	{ SYS_ACCEPT, "accept4" },
	{ SYS_GETSOCKNAME, "getsockname" },
	{ SYS_GETPEERNAME, "getpeername" },
	{ SYS_SOCKETPAIR, "socketpair" },
	{ SYS_SEND, "sendto" },
	{ SYS_RECV, "recvfrom" },
	{ SYS_SENDTO, "sendto" },
	{ SYS_RECVFROM, "recvfrom" },
	{ SYS_SHUTDOWN, "shutdown" },
	{ SYS_SETSOCKOPT, "setsockopt" },
	{ SYS_GETSOCKOPT, "getsockopt" },
	{ SYS_SENDMSG, "sendmsg" },
	{ SYS_RECVMSG, "recvmsg" },
	{ SYS_ACCEPT4, "accept4" },
	{ SYS_RECVMMSG, "recvmmsg" },
	{ SYS_SENDMMSG, "sendmmsg" },
	{ 0, NULL },
};

const char *vrng_seccomp_call_of(const char *name)
{
	size_t i;

	for (i = 0; i < VRNG_LENGTH(forms); i++)
		if (!strcmp(forms[i].name, name))
			return forms[i].of;
	return name;
}

bool vrng_seccomp_is_harmless(const char *name)
{
	const char *call = vrng_seccomp_call_of(name);
	size_t i;

	for (i = 0; i < VRNG_LENGTH(harmless); i++)
		if (!strcmp(harmless[i], name) || !strcmp(harmless[i], call))
			return true;
	return false;
}

bool vrng_seccomp_is_beyond_programs(const char *name)
{
	size_t i;

	for (i = 0; i < VRNG_LENGTH(beyond_programs); i++)
		if (!strcmp(beyond_programs[i], name))
			return true;
	return false;
}
