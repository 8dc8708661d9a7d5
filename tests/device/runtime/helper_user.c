// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "rngd/base/sandbox.h"
#include "rngd/base/user.h"
#include "tests/device/runtime/helper_user.h"

#define NOBODY 65534 /* the kernel's overflowuid */

/* A small system may have no /etc/passwd. */
static void find_default(struct helper_user *user)
{
	if (vrng_user_find(HELPER_USER, &user->uid, &user->gid) ||
	    vrng_user_find("nobody", &user->uid, &user->gid))
		return;
	user->uid = NOBODY;
	user->gid = NOBODY;
}

int helper_user_find(struct helper_user *user, const char *name,
		     struct vrng_error *error)
{
	*user = (struct helper_user){ .is_given = name };
	if (!name)
		find_default(user);
	else if (!vrng_user_find(name, &user->uid, &user->gid))
		return vrng_fail(error, EINVAL,
				 "--source-user: \"%.64s\" is no user; write "
				 "its name or number",
				 name);
	user->changes = !geteuid() && user->uid;
	if (name && geteuid() && user->uid != geteuid())
		return vrng_fail(error, EINVAL,
				 "--source-user=%.64s: only root may start "
				 "another user's process; leave the option out",
				 name);
	return 0;
}

int helper_user_become(const struct helper_user *user, struct vrng_error *error)
{
	int err = 0;

	if (!user || !user->changes || vrng_sandbox_is_left_out())
		return 0;
	err = vrng_user_become(user->uid, user->gid);
	if (!err || (err == -EINVAL && !user->is_given))
		return 0;
	return vrng_fail(error, -err, "cannot become user %u: %m",
			 (unsigned int)user->uid);
}
