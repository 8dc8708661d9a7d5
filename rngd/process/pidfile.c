// SPDX-License-Identifier: GPL-2.0-or-later
/* The file that holds the daemon's process id: see pidfile.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rngd/process/pidfile.h"

/* How often a file may vanish between our opening and our locking it. */
#define TRIES 8

struct rngd_pidfile {
	int fd;
	char path[];
};

static int open_locked(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	int err;

	if (fd < 0)
		return -errno;
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	err = errno == EWOULDBLOCK ? EBUSY : errno;
	close(fd);
	return -err;
}

/* A daemon that ends removes the file; what we locked may be that one. */
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

int rngd_pidfile_take(struct rngd_pidfile **file, const char *path,
		      struct vrng_error *error)
{
	size_t size = strlen(path) + 1;
	struct rngd_pidfile *made = malloc(sizeof(*made) + size);
	int ret;

	*file = NULL;
	if (!made)
		return refuse(path, -ENOMEM, error);
	memcpy(made->path, path, size);

	made->fd = lock_path(path);
	if (made->fd < 0) {
		ret = made->fd;
		free(made);
		return refuse(path, ret, error);
	}
	ret = write_pid(made->fd);
	if (ret) {
		rngd_pidfile_drop(made);
		return refuse(path, ret, error);
	}
	*file = made;
	return 0;
}

/* Removed while still locked: what is there until then is ours. */
void rngd_pidfile_drop(struct rngd_pidfile *file)
{
	if (!file)
		return;
	(void)unlink(file->path);
	close(file->fd);
	free(file);
}
