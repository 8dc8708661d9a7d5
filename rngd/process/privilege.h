/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Letting go of what a process may do. Before it has threads. */
#ifndef RNGD_PROCESS_PRIVILEGE_H
#define RNGD_PROCESS_PRIVILEGE_H

#include <sys/types.h>

#include "vrng/error.h"

struct rngd_user {
	uid_t uid;
	gid_t gid;
};

/*
 * Whom @spec ("USER" or "USER:GROUP", names or numbers) means; where it is NULL:
 * rngd, or else nobody. -EINVAL with @error for somebody unknown.
 */
int rngd_user_find(struct rngd_user *user, const char *spec,
		   struct vrng_error *error);

/* The number of a group by name or number; -EINVAL with @error. */
int rngd_group_find(gid_t *gid, const char *name, struct vrng_error *error);

/*
 * Become @user (NULL: stay who we are), without capabilities, for good, in us
 * and in all that we may execute.
 */
int rngd_privilege_drop(const struct rngd_user *user, struct vrng_error *error);

/* Keep CAP_SYS_ADMIN and no other capability, for good. */
int rngd_privilege_keep_admin(void);

#endif
