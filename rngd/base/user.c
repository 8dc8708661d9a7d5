// SPDX-License-Identifier: GPL-2.0-or-later
#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "rngd/base/number.h"
#include "rngd/base/user.h"

/* 0xffffffff stands for no user and no group. */
static bool is_number(const char *text, unsigned int *n)
{
	uint64_t value;

	if (vrng_decimal(&value, "", text, 0, UINT32_MAX - 1, NULL))
		return false;
	*n = (unsigned int)value;
	return true;
}

bool vrng_user_find(const char *name, uid_t *uid, gid_t *gid)
{
	const struct passwd *user = getpwnam(name);
	unsigned int n;

	if (user)
		*uid = user->pw_uid;
	else if (is_number(name, &n))
		*uid = n;
	else
		return false;
	if (gid)
		*gid = user ? user->pw_gid : (gid_t)*uid;
	return true;
}

bool vrng_group_find(const char *name, gid_t *gid)
{
	const struct group *group = getgrnam(name);
	unsigned int n;

	if (group)
		*gid = group->gr_gid;
	else if (is_number(name, &n))
		*gid = n;
	else
		return false;
	return true;
}

/* The bounding set and groups first: they take capabilities that go with the user. */
int vrng_user_become(uid_t uid, gid_t gid)
{
	if (capng_get_caps_process())
		return -EPERM;
	capng_clear(CAPNG_SELECT_BOUNDS);
	if (capng_apply(CAPNG_SELECT_BOUNDS))
		return -EPERM;
	if (setgroups(0, NULL) || setresgid(gid, gid, gid) ||
	    setresuid(uid, uid, uid))
		return -errno;
	capng_clear(CAPNG_SELECT_CAPS);
	return capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}
