/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes paths absolute. The daemon leaves the folder that it was started in, its
 * helper and hooks never were there, and on SIGHUP the same text has to name the
 * same file.
 */
#ifndef RNGD_OPTIONS_PATHS_H
#define RNGD_OPTIONS_PATHS_H

#include "rngd/options/options.h"
#include "vrng/error.h"

/*
 * Make *@path absolute, unless it is NULL, empty or "none". @folder is what it is
 * relative to, absolute; NULL if that is unknown. Messages name @option. -ENOMEM;
 * -ENOENT for a relative path without @folder.
 */
int rngd_option_make_absolute(char **path, const char *option,
			      const char *folder, struct vrng_error *error);

/* Make the paths in all SPECs absolute. Errors as above. */
int rngd_option_make_specs_absolute(struct rngd_options *options,
				    const char *folder,
				    struct vrng_error *error);

#endif
