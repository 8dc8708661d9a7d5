// SPDX-License-Identifier: GPL-2.0-or-later
/* Making paths absolute: see paths.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/options/paths.h"
#include "rngd/options/values.h"

static int get_folder(char **folder, const char *option,
		      struct vrng_error *error)
{
	*folder = getcwd(NULL, 0);
	if (*folder)
		return 0;
	return vrng_fail(error, errno,
			 "%s: no current folder: %m; give an absolute path",
			 option);
}

int rngd_option_make_absolute(char **path, const char *option,
			      struct vrng_error *error)
{
	char *cwd, *whole;
	int ret;

	if (!*path || !**path || **path == '/' || !strcmp(*path, "none"))
		return 0;
	ret = get_folder(&cwd, option, error);
	if (ret)
		return ret;
	ret = asprintf(&whole, "%s/%s", cwd, *path);
	free(cwd);
	if (ret < 0)
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

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(spec, kinds[i], strlen(kinds[i])))
			return strlen(kinds[i]);
	return 0;
}

static int make_spec_absolute(char **spec, struct vrng_error *error)
{
	size_t at = path_in(*spec);
	char *cwd, *field, *whole;
	int ret;

	if (!at || !(*spec)[at] || (*spec)[at] == '/')
		return 0;
	ret = get_folder(&cwd, "--source", error);
	if (ret)
		return ret;
	field = rngd_option_with_commas(cwd);
	free(cwd);
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
				    struct vrng_error *error)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < options->sources && !ret; i++)
		ret = make_spec_absolute(&options->source[i], error);
	return ret;
}
