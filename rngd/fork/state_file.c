// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that outlive this rngd: see state_file.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rngd/fork/state_file.h"

/* Only what we alone may write is believed, and no link is followed. */
static int check(int fd, mode_t mode)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1)
		return -EPERM;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	return fchmod(fd, mode) ? -errno : 0;
}

static void make_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path)) : NULL;

	if (folder && !mkdir(folder, 0755) && chmod(folder, 0755)) {
		/* Others cannot read what is in it then. */
	}
	free(folder);
}

int rngd_state_file_open(const char *path, mode_t mode)
{
	int fd, ret;

	make_folder(path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		  mode);
	if (fd < 0)
		return errno == ELOOP ? -EPERM : -errno;
	ret = check(fd, mode);
	if (!ret)
		return fd;
	close(fd);
	return ret;
}
