// SPDX-License-Identifier: GPL-2.0-or-later
#include <cap-ng.h>
#include <errno.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "rngd/base/sandbox.h"

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

bool vrng_sandbox_is_left_out(void)
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

/* glibc opens files in /sys before it makes a second arena of its heap. */
static void keep_one_arena(void)
{
#ifdef M_ARENA_MAX
	(void)mallopt(M_ARENA_MAX, 1);
#endif
}

static int limits(const struct vrng_sandbox *box)
{
	int err = set_limit(RLIMIT_CORE, 0);

	if (!err && box->fds)
		err = set_limit(RLIMIT_NOFILE, box->fds);
	if (!err && box->data)
		err = set_limit(RLIMIT_DATA, box->data);
	return err;
}

/* CAP_SETPCAP is needed to drop capabilities from the bounding set. */
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

/* Room for the lists of all callers. */
#define KEPT 8

static int keep_capabilities(const unsigned int *kept, size_t n)
{
	bool has[KEPT];

	if (n > KEPT || capng_get_caps_process())
		return -EPERM;
	for (size_t i = 0; i < n; i++)
		has[i] = capng_have_capability(CAPNG_PERMITTED, kept[i]);
	capng_clear(CAPNG_SELECT_CAPS);
	for (size_t i = 0; i < n; i++)
		if (has[i] &&
		    capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
				 kept[i]))
			return -EPERM;
	return capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

static int capabilities(const struct vrng_sandbox *box)
{
	if (box->keeps_capabilities)
		return 0;
	if (box->n_capabilities)
		return keep_capabilities(box->capabilities,
					 box->n_capabilities);
	return drop_capabilities();
}

/*
 * Kernels before 6.3 return EINVAL. The filter does the same, except on s390x,
 * where it cannot see the arguments of mmap().
 */
static void deny_new_code(void)
{
	(void)prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);
}

int vrng_sandbox_enter(const struct vrng_sandbox *box, struct vrng_error *error)
{
	int err;

	if (SANITIZED)
		return 0;
	err = limits(box);
	if (err)
		return vrng_fail(error, -err, "sandbox: limits: %m");
	err = capabilities(box);
	if (err)
		return vrng_fail(error, -err, "sandbox: capabilities: %m");
	if (!box->rules->code)
		deny_new_code();
	if (box->opens_files)
		(void)vrng_landlock_enter(box->landlock);
	else
		keep_one_arena();
	err = box->built ? vrng_seccomp_load_built(box->built) :
			   vrng_seccomp_load(box->rules);
	return err ? vrng_fail(error, -err,
			       "sandbox: seccomp: %m; it takes a kernel with "
			       "CONFIG_SECCOMP_FILTER") :
		     0;
}
