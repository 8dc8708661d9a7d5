// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rngd/base/log.h"
#include "tests/device/runtime/stats_file.h"

static const char *kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a folder";
	case S_IFLNK:
		return "a symbolic link";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	default:
		return "a device";
	}
}

/*
 * What is at @path that must not be replaced, or NULL. A link is not followed.
 */
static const char *obstacle(const char *path)
{
	struct stat st;

	if (lstat(path, &st) || S_ISREG(st.st_mode))
		return NULL;
	return kind_of(st.st_mode);
}

int stats_file_check(const char *path, struct vrng_error *error)
{
	const char *what = obstacle(path);

	if (!*path)
		return vrng_fail(error, EINVAL, "--stats: empty; give a path");
	if (!strncmp(path, "unix:", 5) || !strncmp(path, "tcp:", 4))
		return vrng_fail(error, EINVAL,
				 "--stats=%s: no such socket can be had here; "
				 "for a file of that name write ./%s",
				 path, path);
	if (!what)
		return 0;
	return vrng_fail(
		error, EEXIST,
		"--stats=%s: is %s, which would be replaced by a file; "
		"give another path",
		path, what);
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int fill(int fd, const char *text, size_t len)
{
	int err = fchmod(fd, 0644) ? -errno : write_all(fd, text, len);

	if (close(fd) && !err)
		err = -errno;
	return err;
}

int stats_file_write(const char *path, const char *text, size_t len)
{
	char *temp;
	int fd, err;

	if (obstacle(path))
		return -EEXIST;
	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		goto out;
	}
	err = fill(fd, text, len);
	if (!err && rename(temp, path))
		err = -errno;
	if (err)
		unlink(temp);
out:
	free(temp);
	return err;
}

void stats_file_say(struct vrng_log *to, const char *path, int err)
{
	if (err)
		vrng_log_line(to, "%s: cannot write statistics: %s", path,
			      err == -EEXIST ?
				      "it is no regular file any more" :
				      strerror(-err));
}
