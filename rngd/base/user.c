// SPDX-License-Identifier: GPL-2.0-or-later
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>

#include "rngd/base/user.h"

/* A decimal number below 0xffffffff, which stands for no user and no group. */
static bool is_number(const char *text, unsigned int *n)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	*n = (unsigned int)value;
	return *text >= '0' && *text <= '9' && !*end && value < 0xffffffff;
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
