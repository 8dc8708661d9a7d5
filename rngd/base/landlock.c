// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#if __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#endif

#include "rngd/base/landlock.h"

/* Headers of Linux 5.10 have nothing of it, and musl's only the numbers. */
#if defined(SYS_landlock_restrict_self) && defined(LANDLOCK_ACCESS_FS_EXECUTE)
static int restrict_self(int ruleset)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_landlock_restrict_self, ruleset, 0))
		return -errno;
	return 0;
}

/* A ruleset must deny something; the filter denies execution anyway. */
int vrng_landlock_enter(void)
{
	const struct landlock_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE,
	};
	const int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
					 sizeof(attr), 0);
	int ret;

	if (ruleset < 0)
		return -errno;
	ret = restrict_self(ruleset);
	close(ruleset);
	return ret;
}
#else
int vrng_landlock_enter(void)
{
	return -ENOSYS;
}
#endif
