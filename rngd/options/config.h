/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file of settings: "key = value" a line, # begins a comment where a line or
 * a word after white space begins. Pure reading: what keys mean is the caller's.
 */
#ifndef RNGD_OPTIONS_CONFIG_H
#define RNGD_OPTIONS_CONFIG_H

#include <stddef.h>

#include "vrng/error.h"

#define RNGD_CONFIG_MAX 65536 /* bytes */

/* For each setting in order; @value is "" where there is no '='. */
typedef int rngd_config_take(void *opaque, const char *key, const char *value,
			     struct vrng_error *error);

/*
 * Read @text of @len bytes, which is written to, and hand each setting to
 * @take. Its first failure ends it, with @path and the line before the words.
 */
int rngd_config_parse(const char *path, char *text, size_t len,
		      rngd_config_take *take, void *opaque,
		      struct vrng_error *error);

/* The same of the file @path. */
int rngd_config_read(const char *path, rngd_config_take *take, void *opaque,
		     struct vrng_error *error);

#endif
