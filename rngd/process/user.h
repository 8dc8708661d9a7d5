/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Users and groups, by name or number. */
#ifndef RNGD_PROCESS_USER_H
#define RNGD_PROCESS_USER_H

#include <sys/types.h>

#include "vrng/error.h"

struct rngd_user {
	uid_t uid;
	gid_t gid;
};

/*
 * Look up @spec, "USER" or "USER:GROUP". A user given by name has its own
 * group, one given by number the group of that number, unless @spec names a
 * group. NULL: the user rngd, or else nobody. -EINVAL with @error for an
 * unknown one.
 */
int rngd_user_find(struct rngd_user *user, const char *spec,
		   struct vrng_error *error);

/* The number of a group. -EINVAL with @error for an unknown one. */
int rngd_group_find(gid_t *gid, const char *name, struct vrng_error *error);

#endif
