/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon leaves the current folder, but must find its files again. */
#ifndef RNGD_OPTIONS_PATHS_H
#define RNGD_OPTIONS_PATHS_H

#include "rngd/options/options.h"
#include "vrng/error.h"

/*
 * Make *@path absolute, unless it is NULL, empty or "none". @option is for
 * messages. -ENOMEM, or why there is no current folder.
 */
int rngd_option_make_absolute(char **path, const char *option,
			      struct vrng_error *error);

/* The same with the paths within all SPECs. */
int rngd_option_make_specs_absolute(struct rngd_options *options,
				    struct vrng_error *error);

#endif
