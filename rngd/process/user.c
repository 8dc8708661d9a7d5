// SPDX-License-Identifier: GPL-2.0-or-later
/* Users and groups: see user.h. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/process/user.h"

#define NOBODY 65534 /* the kernel's overflowuid */

/* A decimal number; 0xffffffff means "no user". */
static bool is_number(const char *text, unsigned int *n)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	*n = (unsigned int)value;
	return *text >= '0' && *text <= '9' && !*end && value < 0xffffffff;
}

int rngd_group_find(gid_t *gid, const char *name, struct vrng_error *error)
{
	const struct group *group;

	if (is_number(name, gid))
		return 0;
	group = getgrnam(name);
	if (!group)
		return vrng_fail(error, EINVAL, "\"%.32s\": no such group",
				 name);
	*gid = group->gr_gid;
	return 0;
}

static int find_user(struct rngd_user *user, const char *name,
		     struct vrng_error *error)
{
	const struct passwd *passwd;
	unsigned int n;

	if (is_number(name, &n)) {
		user->uid = n;
		user->gid = n;
		return 0;
	}
	passwd = getpwnam(name);
	if (!passwd)
		return vrng_fail(error, EINVAL,
				 "--drop-privileges: \"%.32s\": no such user",
				 name);
	user->uid = passwd->pw_uid;
	user->gid = passwd->pw_gid;
	return 0;
}

/* A small guest may have no /etc/passwd. */
static void find_default(struct rngd_user *user)
{
	if (!find_user(user, "rngd", NULL) || !find_user(user, "nobody", NULL))
		return;
	user->uid = NOBODY;
	user->gid = NOBODY;
}

int rngd_user_find(struct rngd_user *user, const char *spec,
		   struct vrng_error *error)
{
	char name[64];
	size_t len;
	int ret;

	if (!spec) {
		find_default(user);
		return 0;
	}
	len = strcspn(spec, ":");
	if (!len || len >= sizeof(name))
		return vrng_fail(error, EINVAL,
				 "--drop-privileges: \"%.32s\" is not "
				 "USER[:GROUP]",
				 spec);
	memcpy(name, spec, len);
	name[len] = '\0';
	ret = find_user(user, name, error);
	if (!ret && spec[len])
		ret = rngd_group_find(&user->gid, spec + len + 1, error);
	return ret;
}
