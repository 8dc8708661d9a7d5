/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Giving up privileges, for good: in this process and in all that it may
 * execute. Call these before there are threads.
 */
#ifndef RNGD_PROCESS_PRIVILEGE_H
#define RNGD_PROCESS_PRIVILEGE_H

#include "rngd/process/user.h"
#include "vrng/error.h"

/*
 * Become @user with its groups and no others (NULL: keep the user and all groups),
 * without capabilities.
 */
int rngd_privilege_drop(const struct rngd_user *user, struct vrng_error *error);

/*
 * Keep CAP_SYS_ADMIN, if this process has it, and no other capability. A negative
 * errno.
 */
int rngd_privilege_keep_admin(void);

#endif
