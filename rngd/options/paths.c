// SPDX-License-Identifier: GPL-2.0-or-later
/* Making paths absolute: see paths.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/base/array.h"
#include "rngd/options/paths.h"
#include "rngd/options/values.h"

static int no_folder(const char *option, struct vrng_error *error)
{
	return vrng_fail(error, ENOENT,
			 "%s: the folder that rngd was started in has no "
			 "path; give an absolute path",
			 option);
}

int rngd_option_make_absolute(char **path, const char *option,
			      const char *folder, struct vrng_error *error)
{
	char *whole;

	if (!*path || !**path || **path == '/' || !strcmp(*path, "none"))
		return 0;
	if (!folder)
		return no_folder(option, error);
	if (asprintf(&whole, "%s/%s", folder, *path) < 0)
		return rngd_option_no_memory(error);
	free(*path);
	*path = whole;
	return 0;
}

/* The offset of the path in a SPEC; 0: it has none. */
static size_t path_in(const char *spec)
{
	static const char *const kinds[] = { "file:", "tty:", "unix:",
					     "egd:unix:" };
	size_t i;

	for (i = 0; i < VRNG_LENGTH(kinds); i++)
		if (!strncmp(spec, kinds[i], strlen(kinds[i])))
			return strlen(kinds[i]);
	return 0;
}

static int make_spec_absolute(char **spec, const char *folder,
			      struct vrng_error *error)
{
	size_t at = path_in(*spec);
	char *field, *whole;
	int ret;

	if (!at || !(*spec)[at] || (*spec)[at] == '/')
		return 0;
	if (!folder)
		return no_folder("--source", error);
	field = rngd_option_with_commas(folder);
	if (!field)
		return rngd_option_no_memory(error);
	ret = asprintf(&whole, "%.*s%s/%s", (int)at, *spec, field, *spec + at);
	free(field);
	if (ret < 0)
		return rngd_option_no_memory(error);
	free(*spec);
	*spec = whole;
	return 0;
}

int rngd_option_make_specs_absolute(struct rngd_options *options,
				    const char *folder,
				    struct vrng_error *error)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < options->sources && !ret; i++)
		ret = make_spec_absolute(&options->source[i], folder, error);
	return ret;
}
