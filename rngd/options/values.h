/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets fields of struct rngd_options from an option or a setting of the file.
 */
#ifndef RNGD_OPTIONS_VALUES_H
#define RNGD_OPTIONS_VALUES_H

#include <stdbool.h>

#include "rngd/options/options.h"
#include "vrng/error.h"

/*
 * All functions return 0 or -ENOMEM, and -EINVAL or -ERANGE for a bad value,
 * with @error.
 */

/* Take the value @text of the option @opt, a val of rngd_option_table. */
int rngd_option_take_value(struct rngd_options *options, int opt,
			   const char *text, struct vrng_error *error);

/* Take the option @opt if it has no value. False: it needs one. */
bool rngd_option_take_switch(struct rngd_options *options, int opt);

/* Add a source: by its SPEC, or by the path of a device or file. */
int rngd_option_add_source(struct rngd_options *options, const char *spec,
			   struct vrng_error *error);
int rngd_option_add_device(struct rngd_options *options, const char *path,
			   struct vrng_error *error);

/* Free *@to and set it to a copy of @from. */
int rngd_option_set_string(char **to, const char *from,
			   struct vrng_error *error);

/* Add a line for the log, unless it is there. */
int rngd_option_take_note(struct rngd_options *options, const char *note,
			  struct vrng_error *error);

/*
 * A copy of @path as a field of a SPEC, with each comma written twice. The
 * caller frees it. NULL: no memory.
 */
char *rngd_option_with_commas(const char *path);

/* Fill @error and return -ENOMEM. */
int rngd_option_no_memory(struct vrng_error *error);

#endif
