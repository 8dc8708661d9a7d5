/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGHUP: read the configuration again and use what can change while rngd runs. */
#ifndef RNGD_PROCESS_RELOAD_H
#define RNGD_PROCESS_RELOAD_H

#include "rngd/process/daemon.h"

/* The options that apply to all sources. */
struct rngd_set_defaults
rngd_reload_defaults(const struct rngd_options *options);

/*
 * Parse the command line and the file again, and replace the sources as a whole.
 * False, and one line in the log that tells why: nothing has changed.
 */
bool rngd_reload(struct rngd_daemon *d);

#endif
