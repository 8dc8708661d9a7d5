// SPDX-License-Identifier: GPL-2.0-or-later
/* Giving up privileges: see privilege.h. */
#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "rngd/process/privilege.h"

/* Of capng_change_id(): there is no such user or group in this user namespace. */
enum {
	NO_GROUP = -4,
	NO_USER = -6
};

/* Gain nothing from set-user-ID programs, and leave no core dump. */
static int forbid_gains(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return prctl(PR_SET_DUMPABLE, 0) ? -errno : 0;
}

/* A user namespace may forbid setgroups(2): where nothing changes it is not called. */
static int set_groups(const struct rngd_user *user)
{
	if (!user->groups && !getgroups(0, NULL))
		return 0;
	return setgroups(user->groups, user->group);
}

static int cannot_become(const struct rngd_user *user, struct vrng_error *error)
{
	return vrng_fail(error, EPERM,
			 "cannot become user %u with group %u: %m; in a user "
			 "namespace give --drop-privileges a user that it has",
			 (unsigned int)user->uid, (unsigned int)user->gid);
}

int rngd_privilege_drop(const struct rngd_user *user, struct vrng_error *error)
{
	int ret = 0;

	if (user && set_groups(user))
		return vrng_fail(error, errno, "cannot set groups: %m");
	capng_clear(CAPNG_SELECT_BOTH);
	if (user)
		ret = capng_change_id((int)user->uid, (int)user->gid,
				      CAPNG_CLEAR_BOUNDING);
	else
		ret = capng_apply(CAPNG_SELECT_CAPS);
	if (user && (ret == NO_GROUP || ret == NO_USER))
		return cannot_become(user, error);
	if (ret)
		return vrng_fail(error, EPERM,
				 "cannot let go of privileges (libcap-ng: %d)",
				 ret);
	if (user && (geteuid() != user->uid || getegid() != user->gid))
		return vrng_fail(error, EPERM, "cannot become user %u: %m",
				 (unsigned int)user->uid);
	ret = forbid_gains();
	return ret ? vrng_fail(error, -ret, "cannot let go of privileges: %m") :
		     0;
}

int rngd_privilege_keep_admin(void)
{
	const bool has = capng_have_capability(CAPNG_PERMITTED, CAP_SYS_ADMIN);

	capng_clear(CAPNG_SELECT_BOTH);
	if (has && capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
				CAP_SYS_ADMIN))
		return -EPERM;
	/* Clearing the bounding set needs a capability that only root has. */
	if (capng_apply(geteuid() ? CAPNG_SELECT_CAPS : CAPNG_SELECT_BOTH))
		return -EPERM;
	return forbid_gains();
}
