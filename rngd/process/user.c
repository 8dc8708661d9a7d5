// SPDX-License-Identifier: GPL-2.0-or-later
/* Users and groups: see user.h. */
#include <errno.h>
#include <string.h>

#include "rngd/base/user.h"
#include "rngd/process/user.h"

#define NOBODY 65534 /* the kernel's overflowuid */

int rngd_group_find(gid_t *gid, const char *name, struct vrng_error *error)
{
	if (!vrng_group_find(name, gid))
		return vrng_fail(error, EINVAL, "\"%.32s\": no such group",
				 name);
	return 0;
}

static int find_user(struct rngd_user *user, const char *name,
		     struct vrng_error *error)
{
	if (!vrng_user_find(name, &user->uid, &user->gid))
		return vrng_fail(error, EINVAL,
				 "--drop-privileges: \"%.32s\": no such user",
				 name);
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
