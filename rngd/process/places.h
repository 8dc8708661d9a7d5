/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --test-config checks besides the sources, without changing anything. */
#ifndef RNGD_PROCESS_PLACES_H
#define RNGD_PROCESS_PLACES_H

#include "rngd/options/options.h"
#include "vrng/error.h"

/*
 * Look up the user and the groups that @options name, and the folders of the
 * files that a start creates: the pid file, the control socket and the output.
 * -EINVAL for an unknown user or group, or -ENOENT, -ENOTDIR and so on for a
 * folder, with @error. What only root may do is not tried: another user can
 * check the configuration of a service.
 */
int rngd_places_check(const struct rngd_options *options,
		      struct vrng_error *error);

#endif
