/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an option, or a setting of the file, does to struct rngd_options. */
#ifndef RNGD_OPTIONS_VALUES_H
#define RNGD_OPTIONS_VALUES_H

#include <stdbool.h>

#include "rngd/options/options.h"
#include "vrng/error.h"

/*
 * All return 0, or -EINVAL or -ERANGE for a bad value, -ENOMEM. @opt is a val of
 * rngd_option_table.
 */
int rngd_option_take_value(struct rngd_options *options, int opt,
			   const char *text, struct vrng_error *error);

/* True when @opt is one of those without a value. */
bool rngd_option_take_switch(struct rngd_options *options, int opt);

/* One more source: as a SPEC, or as the path of a device or file. */
int rngd_option_add_source(struct rngd_options *options, const char *spec,
			   struct vrng_error *error);
int rngd_option_add_device(struct rngd_options *options, const char *path,
			   struct vrng_error *error);

/* A copy of @from in the place of *@to, which is freed. */
int rngd_option_set_string(char **to, const char *from,
			   struct vrng_error *error);

/* @path as a part of a SPEC: its commas are written twice. NULL: no memory. */
char *rngd_option_with_commas(const char *path);

/* Says so: -ENOMEM. */
int rngd_option_no_memory(struct vrng_error *error);

#endif
