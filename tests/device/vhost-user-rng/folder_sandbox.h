/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sandbox of the process that watches a folder of guests (folder.h). It keeps its
 * user, as sockets have to be given to others, and of root's capabilities those to do
 * so. With Landlock it writes to the folder of sockets alone, and executes nothing.
 */
#ifndef DEVICE_VHOST_USER_RNG_FOLDER_SANDBOX_H
#define DEVICE_VHOST_USER_RNG_FOLDER_SANDBOX_H

#include "rngd/base/seccomp.h"
#include "vrng/error.h"

extern const struct vrng_seccomp_rules folder_sandbox_rules;

/* Sockets are made in the folder @sockets. 0, or a negative errno with @error. */
int folder_sandbox_enter(const char *sockets, struct vrng_error *error);

#endif
