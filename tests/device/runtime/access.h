/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may connect to the Unix sockets of a program: --owner, --group, --mode. */
#ifndef DEVICE_RUNTIME_ACCESS_H
#define DEVICE_RUNTIME_ACCESS_H

#include <stdbool.h>

#include "rngd/base/listener.h"
#include "vrng/error.h"

/* Owns its strings, which are NULL if they were not given. */
struct access_options {
	char *owner; /* "USER", "USER:GROUP" or ":GROUP", names or numbers */
	char *group;
	char *mode; /* octal, up to 0777 */
};

#define ACCESS_MODE 0660 /* if an owner or a group is given, and no mode */

/* Was any of them given? */
bool access_is_given(const struct access_options *options);

/*
 * Parse them: 0 with @as filled in, or -EINVAL with @error, which names the
 * option.
 */
int access_parse(const struct access_options *options,
		 struct vrng_listener_as *as, struct vrng_error *error);

void access_free(struct access_options *options);

#endif
