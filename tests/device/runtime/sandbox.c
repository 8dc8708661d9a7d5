// SPDX-License-Identifier: GPL-2.0-or-later
#include <cap-ng.h>
#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/device/runtime/sandbox.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

/* Newer than the headers of some systems: Linux 6.3. */
#ifndef PR_SET_MDWE
#define PR_SET_MDWE		 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

#ifdef __GLIBC__
typedef __rlimit_resource_t limit_name;
#else
typedef int limit_name;
#endif

static const char *const plain_calls[] = {
	/* bytes */
	"read",
	"readv",
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

static const char *const gather_calls[] = { "sendmsg", NULL };

bool sandbox_is_left_out(void)
{
	return SANITIZED;
}

static int set_limit(limit_name name, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit(name, &limit))
		return -errno;
	if (limit.rlim_max != RLIM_INFINITY && value > limit.rlim_max)
		value = limit.rlim_max;
	limit.rlim_cur = limit.rlim_max = value;
	return setrlimit(name, &limit) ? -errno : 0;
}

/* glibc opens files in /sys before it makes a second arena. */
static void keep_one_arena(void)
{
#ifdef M_ARENA_MAX
	(void)mallopt(M_ARENA_MAX, 1);
#endif
}

static int limits(const struct sandbox *box)
{
	int err = set_limit(RLIMIT_CORE, 0);

	if (!err)
		err = set_limit(RLIMIT_NOFILE, box->fds);
	if (!err)
		err = set_limit(RLIMIT_DATA, box->data);
	keep_one_arena();
	return err;
}

/* The bounding set is only a privileged one's to drop. */
static int drop_capabilities(void)
{
	capng_select_t set = CAPNG_SELECT_CAPS;

	if (capng_get_caps_process())
		return -EPERM;
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		set = CAPNG_SELECT_BOTH;
	capng_clear(set);
	return capng_apply(set) ? -EPERM : 0;
}

/*
 * No memory becomes executable, where the kernel knows that; older ones answer
 * with EINVAL. The filter says the same, but not on s390x: it cannot see the
 * arguments of mmap() there.
 */
static void deny_new_code(void)
{
	(void)prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);
}

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
	return rules;
}

int sandbox_enter(const struct sandbox *box, struct vrng_error *error)
{
	struct vrng_seccomp_rules rules;
	int err;

	if (SANITIZED)
		return 0;
	err = limits(box);
	if (err)
		return vrng_fail(error, -err, "sandbox: limits: %s",
				 strerror(-err));
	err = drop_capabilities();
	if (err)
		return vrng_fail(error, -err, "sandbox: capabilities: %s",
				 strerror(-err));
	deny_new_code();
	rules = sandbox_rules(box);
	err = vrng_seccomp_load(&rules);
	return err ? vrng_fail(error, -err,
			       "sandbox: seccomp: %s; it takes a kernel with "
			       "CONFIG_SECCOMP_FILTER",
			       strerror(-err)) :
		     0;
}
