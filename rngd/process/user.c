// SPDX-License-Identifier: GPL-2.0-or-later
/* Users and groups: see user.h. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rngd/base/user.h"
#include "rngd/process/user.h"

/* Of this process, at most: with more, none is kept. */
#define GROUPS 256

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

/* -------------------------------------------------------------------- groups */

static void add_group(struct rngd_user *user, gid_t gid)
{
	size_t i;

	for (i = 0; i < user->groups; i++)
		if (user->group[i] == gid)
			return;
	if (gid != user->gid && user->groups < RNGD_USER_GROUPS)
		user->group[user->groups++] = gid;
}

void rngd_user_add_account_groups(struct rngd_user *user)
{
	const struct passwd *passwd = getpwuid(user->uid);
	gid_t list[RNGD_USER_GROUPS];
	int i, n = RNGD_USER_GROUPS;

	if (!passwd || getgrouplist(passwd->pw_name, user->gid, list, &n) < 0)
		return;
	for (i = 0; i < n; i++)
		add_group(user, list[i]);
}

/* stat(2) may hang: it is not called where there is nothing to add. */
void rngd_user_add_group_of(struct rngd_user *user, const char *path)
{
	gid_t mine[GROUPS];
	int i, others = 0, n = getgroups(GROUPS, mine);
	struct stat st;

	for (i = 0; i < n; i++)
		others += mine[i] != 0;
	if (!others || stat(path, &st) || !st.st_gid || !(st.st_mode & S_IRGRP))
		return;
	for (i = 0; i < n; i++)
		if (mine[i] == st.st_gid)
			add_group(user, st.st_gid);
}
