/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Users and groups, by name or number. */
#ifndef RNGD_PROCESS_USER_H
#define RNGD_PROCESS_USER_H

#include <stddef.h>
#include <sys/types.h>

#include "vrng/error.h"

#define RNGD_USER_GROUPS 32

struct rngd_user {
	uid_t uid;
	gid_t gid;
	gid_t group[RNGD_USER_GROUPS]; /* supplementary */
	size_t groups; /* of them */
};

/*
 * Look up @spec, "USER" or "USER:GROUP". A user given by name has its own
 * group, one given by number the group of that number, unless @spec names a
 * group. NULL: the user rngd, or else nobody. -EINVAL with @error for an
 * unknown one.
 */
int rngd_user_find(struct rngd_user *user, const char *spec,
		   struct vrng_error *error);

/* Add the groups that the system's database has for @user->uid, if it is in there. */
void rngd_user_add_account_groups(struct rngd_user *user);

/*
 * Add the group of the file @path, if its members may read it, this process is one of
 * them by a supplementary group, and it is not root's.
 */
void rngd_user_add_group_of(struct rngd_user *user, const char *path);

/* The number of a group. -EINVAL with @error for an unknown one. */
int rngd_group_find(gid_t *gid, const char *name, struct vrng_error *error);

#endif
