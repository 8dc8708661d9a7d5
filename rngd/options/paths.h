/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes paths absolute: the daemon leaves the current folder. */
#ifndef RNGD_OPTIONS_PATHS_H
#define RNGD_OPTIONS_PATHS_H

#include "rngd/options/options.h"
#include "vrng/error.h"

/*
 * Make *@path absolute, unless it is NULL, empty or "none". Messages name
 * @option. -ENOMEM, or the errno of getcwd(3).
 */
int rngd_option_make_absolute(char **path, const char *option,
			      struct vrng_error *error);

/* Make the paths in all SPECs absolute. Errors as above. */
int rngd_option_make_specs_absolute(struct rngd_options *options,
				    struct vrng_error *error);

#endif
