/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening sockets that systemd passes to a service (sd_listen_fds(3)). */
#ifndef RNGD_BASE_ACTIVATION_H
#define RNGD_BASE_ACTIVATION_H

#include <stdbool.h>

#include "vrng/error.h"

#define VRNG_ACTIVATION_FIRST 3 /* the first descriptor; the others follow it */
#define VRNG_ACTIVATION_MAX   4096

/* How many descriptors were passed to this process. */
int vrng_activation_count(void);

/* Was descriptor @i, from 0, passed under @name (LISTEN_FDNAMES)? */
bool vrng_activation_is_named(int i, const char *name);

/*
 * Check that @fd is a stream socket that listens, make it non-blocking and have it
 * closed on exec. 0, or a negative errno with @error: -EINVAL if it is another
 * socket.
 */
int vrng_activation_take(int fd, struct vrng_error *error);

#endif
