/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parses a configuration file. A line is "key = value". A # at the start of a
 * line, or after white space, begins a comment. The caller gives keys their
 * meaning.
 */
#ifndef RNGD_OPTIONS_CONFIG_H
#define RNGD_OPTIONS_CONFIG_H

#include <stddef.h>

#include "vrng/error.h"

#define RNGD_CONFIG_MAX 65536 /* bytes */

/*
 * Called for each setting in order, with the number of its line from 1 on. @value
 * is "" if there is no '='. Returns 0, or a negative errno with @error.
 */
typedef int rngd_config_take(void *opaque, unsigned int line, const char *key,
			     const char *value, struct vrng_error *error);

/*
 * Parse the file @path, and call @take for each setting. Returns the first failure of
 * @take, with "@path:LINE: " put before its @error; -EINVAL for a zero byte; -EFBIG if
 * the file is too long; the errno of open or read.
 */
int rngd_config_read(const char *path, rngd_config_take *take, void *opaque,
		     struct vrng_error *error);

#endif
