/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds users and groups by name, or else by decimal number, as chown(1) does; and
 * becomes one.
 */
#ifndef RNGD_BASE_USER_H
#define RNGD_BASE_USER_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * The user @name. *@gid (NULL: not wanted) is the user's own group, or for a
 * number the same number. False: there is no such user.
 */
bool vrng_user_find(const char *name, uid_t *uid, gid_t *gid);

/*
 * Become @uid with the group @gid and no other, without any capability, for good. 0, or
 * a negative errno: -EINVAL if this user namespace has no such user or group.
 */
int vrng_user_become(uid_t uid, gid_t gid);

/* The group @name. False: there is no such group. */
bool vrng_group_find(const char *name, gid_t *gid);

#endif
