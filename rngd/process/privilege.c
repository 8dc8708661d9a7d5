// SPDX-License-Identifier: GPL-2.0-or-later
/* Letting go of what a process may do: see privilege.h. */
#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "rngd/process/privilege.h"

#define NOBODY 65534

/* True if @text is a number below the one that means none. */
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

/* A small guest may have no list of users at all. */
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

/* No set-user-ID program gives anything back, and nothing is left in a core. */
static int close_doors(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return prctl(PR_SET_DUMPABLE, 0) ? -errno : 0;
}

int rngd_privilege_drop(const struct rngd_user *user, struct vrng_error *error)
{
	int ret = 0;

	capng_clear(CAPNG_SELECT_BOTH);
	if (user)
		ret = capng_change_id((int)user->uid, (int)user->gid,
				      CAPNG_DROP_SUPP_GRP |
					      CAPNG_CLEAR_BOUNDING);
	else
		ret = capng_apply(CAPNG_SELECT_CAPS);
	if (ret)
		return vrng_fail(error, EPERM,
				 "cannot let go of privileges (libcap-ng: %d)",
				 ret);
	if (user && (geteuid() != user->uid || getegid() != user->gid))
		return vrng_fail(error, EPERM, "cannot become user %u: %m",
				 (unsigned int)user->uid);
	ret = close_doors();
	return ret ? vrng_fail(error, -ret, "cannot let go of privileges: %m") :
		     0;
}

int rngd_privilege_keep_admin(void)
{
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
			 CAP_SYS_ADMIN))
		return -EPERM;
	/* Root's own bounding set is cleared where we may; others have none. */
	if (capng_apply(geteuid() ? CAPNG_SELECT_CAPS : CAPNG_SELECT_BOTH))
		return -EPERM;
	return close_doors();
}
