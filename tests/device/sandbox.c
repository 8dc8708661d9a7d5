// SPDX-License-Identifier: GPL-2.0-or-later
#include <cap-ng.h>
#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/device/sandbox.h"

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

/* Whatever the arguments are. */
static const int plain[] = {
	/* bytes */
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(write),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(getrandom),
	/* descriptors */
	SCMP_SYS(accept4),
	SCMP_SYS(close),
	SCMP_SYS(fcntl),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat), /* what C libraries make of fstat() */
	SCMP_SYS(shutdown),
	/* waiting */
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(timerfd_settime),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(futex),
	SCMP_SYS(sched_yield),
	SCMP_SYS(wait4),
	/* memory, but for mmap and mprotect */
	SCMP_SYS(brk),
	SCMP_SYS(madvise),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	/* threads and their end */
	SCMP_SYS(getpid), /* clients of EGD may ask for it */
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

bool sandbox_is_left_out(void)
{
	return SANITIZED;
}

static int set_limit(int what, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)what, &limit))
		return -errno;
	if (limit.rlim_max != RLIM_INFINITY && value > limit.rlim_max)
		value = limit.rlim_max;
	limit.rlim_cur = limit.rlim_max = value;
	return setrlimit((__rlimit_resource_t)what, &limit) ? -errno : 0;
}

/* One arena: a second one would be asked for by way of files in /sys. */
static int limits(const struct sandbox *box)
{
	int err = set_limit(RLIMIT_CORE, 0);

	if (!err)
		err = set_limit(RLIMIT_NOFILE, box->fds);
	if (!err)
		err = set_limit(RLIMIT_DATA, box->data);
	mallopt(M_ARENA_MAX, 1);
	return err;
}

/* The bounding set is only a privileged one's to drop. */
static int drop_capabilities(void)
{
	capng_get_caps_process();
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP)) {
		capng_clear(CAPNG_SELECT_BOTH);
		return capng_apply(CAPNG_SELECT_BOTH) ? -EPERM : 0;
	}
	capng_clear(CAPNG_SELECT_CAPS);
	return capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

static int allow_plain(scmp_filter_ctx filter)
{
	int err = 0;

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]) && !err; i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, plain[i], 0);
	return err;
}

/* Memory, but none that can be run. */
static int allow_memory(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp data =
		SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	int err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				   data);

	return err ? err :
		     seccomp_rule_add(filter, SCMP_ACT_ALLOW,
				      SCMP_SYS(mprotect), 1, data);
}

/*
 * Threads, but no processes. The arguments of clone3 cannot be looked at, so
 * there is none, and the C library takes clone.
 */
static int allow_threads(scmp_filter_ctx filter)
{
	int err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
				   SCMP_SYS(clone3), 0);

	return err ? err :
		     seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone),
				      1,
				      SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD,
					      CLONE_THREAD));
}

static int allow_connecting(scmp_filter_ctx filter)
{
	int err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
				   SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));

	return err ? err :
		     seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(connect),
				      0);
}

/* Loading sets no_new_privs as well. */
static int filter_calls(const struct sandbox *box)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err;

	if (!filter)
		return -ENOMEM;
	err = allow_plain(filter);
	if (!err)
		err = allow_memory(filter);
	if (!err)
		err = allow_threads(filter);
	if (!err && box->connects)
		err = allow_connecting(filter);
	if (!err && box->gathers)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
				       SCMP_SYS(sendmsg), 0);
	if (!err)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}

int sandbox_enter(const struct sandbox *box, struct vrng_why *why)
{
	int err;

	if (SANITIZED)
		return 0;
	err = limits(box);
	if (err)
		return vrng_why(why, -err, "sandbox: limits: %s",
				strerror(-err));
	err = drop_capabilities();
	if (err)
		return vrng_why(why, -err, "sandbox: capabilities: %s",
				strerror(-err));
	err = filter_calls(box);
	return err ? vrng_why(why, -err,
			      "sandbox: seccomp: %s; it takes a kernel with "
			      "CONFIG_SECCOMP_FILTER",
			      strerror(-err)) :
		     0;
}
