/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The user of a helper process. A program that root started has its helpers become
 * another user; any other program has only its own.
 */
#ifndef DEVICE_RUNTIME_HELPER_USER_H
#define DEVICE_RUNTIME_HELPER_USER_H

#include <stdbool.h>
#include <sys/types.h>

#include "vrng/error.h"

#define HELPER_USER "vrng-host" /* the package's; without it "nobody" */

struct helper_user {
	bool changes; /* false: the process keeps its user */
	bool is_given; /* by the operator */
	uid_t uid;
	gid_t gid;
};

/*
 * The user @name (NULL: the default), by name or number. -EINVAL with @error: there is
 * no such user, or this program may not become it.
 */
int helper_user_find(struct helper_user *user, const char *name,
		     struct vrng_error *error);

/*
 * Become it, without any capability, for good. A default that this user namespace does
 * not have is left out. 0, or a negative errno with @error. Does nothing in a program
 * that was built for a sanitizer.
 */
int helper_user_become(const struct helper_user *user,
		       struct vrng_error *error);

#endif
