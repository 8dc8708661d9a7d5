/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sources as rng-tools numbers and names them, for --list, --include,
 * --exclude and --option.
 */
#ifndef RNGD_OPTIONS_NAMES_H
#define RNGD_OPTIONS_NAMES_H

#include <stddef.h>

#include "vrng/error.h"

struct rngd_name {
	const char *name;
	const char *title;
	const char *spec; /* NULL: there is none of it here */
	const char *const *keys; /* of --option, NULL at the end */
};

enum {
	RNGD_NAME_HWRNG = 0,
	RNGD_NAME_NAMEDPIPE = 9,
	RNGD_NAMES = 10
};

extern const struct rngd_name rngd_names[RNGD_NAMES];

/*
 * The index of what @text begins with, up to a colon or its end: an index or a
 * name. -EINVAL with @error, which names @option.
 */
int rngd_names_find(const char *option, const char *text,
		    struct vrng_error *error);

#endif
