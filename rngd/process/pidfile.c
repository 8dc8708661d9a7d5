// SPDX-License-Identifier: GPL-2.0-or-later
/* The pid file: see pidfile.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rngd/process/pidfile.h"

/* How often to try again when the file is removed between open and lock. */
#define TRIES 8

/* Whoever may read a file may lock it (flock(2), fcntl(2)). */
#define MODE (S_IRUSR | S_IWUSR)

/* The mode is set again for a file that was left behind, or made with another. */
static int open_locked(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, MODE);
	int err;

	if (fd < 0)
		return -errno;
	if (!fchmod(fd, MODE) && !flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	err = errno == EWOULDBLOCK ? EBUSY : errno;
	close(fd);
	return -err;
}

/* False if a daemon that ended has removed the file that we locked. */
static bool still_there(int fd, const char *path)
{
	struct stat ours, named;

	return !fstat(fd, &ours) && !lstat(path, &named) &&
	       ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

static int lock_path(const char *path)
{
	int tries, fd;

	for (tries = 0; tries < TRIES; tries++) {
		fd = open_locked(path);
		if (fd < 0 || still_there(fd, path))
			return fd;
		close(fd);
	}
	return -EBUSY;
}

static int write_pid(int fd)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0))
		return -errno;
	if (pwrite(fd, text, (size_t)len, 0) != len)
		return errno ? -errno : -EIO;
	return 0;
}

static int refuse(const char *path, int ret, struct vrng_error *error)
{
	if (ret == -EBUSY)
		return vrng_fail(error, EBUSY,
				 "%s: another rngd holds it; stop that one or "
				 "give another --pid-file",
				 path);
	return vrng_fail(error, -ret,
			 "%s: cannot write the pid file: %m; give another "
			 "--pid-file",
			 path);
}

int rngd_pidfile_take(const char *path, struct vrng_error *error)
{
	int fd = lock_path(path);
	int ret;

	if (fd < 0)
		return refuse(path, fd, error);
	ret = write_pid(fd);
	if (!ret)
		return fd;
	(void)unlink(path);
	close(fd);
	return refuse(path, ret, error);
}
