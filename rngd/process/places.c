// SPDX-License-Identifier: GPL-2.0-or-later
/* Checking users, groups and folders: see places.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "rngd/process/places.h"
#include "rngd/process/user.h"

/* 0 if @path is in a folder, or a negative errno. */
static int find_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	char *folder;
	int ret = 0;

	if (!slash)
		return 0;
	/* With the slash, which makes stat(2) refuse what is no folder. */
	folder = strndup(path, (size_t)(slash - path) + 1);
	if (!folder)
		return -ENOMEM;
	if (stat(folder, &st))
		ret = -errno;
	free(folder);
	return ret;
}

static int check_file(const char *option, const char *path,
		      struct vrng_error *error)
{
	int ret = path ? find_folder(path) : 0;

	return ret ? vrng_fail(error, -ret, "%s: %.100s: cannot be made: %m",
			       option, path) :
		     0;
}

int rngd_places_check(const struct rngd_options *options,
		      struct vrng_error *error)
{
	const bool listens =
		options->control && strcmp(options->control, "none");
	struct rngd_user user;
	gid_t gid;
	int ret = 0;

	if (options->user)
		ret = rngd_user_find(&user, options->user, error);
	if (!ret && options->control_group)
		ret = rngd_group_find(&gid, options->control_group, error);
	if (!ret)
		ret = check_file("--pid-file", options->pid_file, error);
	if (!ret && listens)
		ret = check_file("--control", options->control, error);
	if (!ret && !options->test)
		ret = check_file("--random-device", options->sink, error);
	return ret;
}
