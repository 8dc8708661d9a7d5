// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/base/stdfds.h"

/* O_PATH takes the number, but allows neither reads nor writes. */
int vrng_stdfds_hold(void)
{
	int fd;

	do {
		fd = open("/", O_PATH);
		if (fd < 0)
			return -errno;
	} while (fd <= STDERR_FILENO);
	close(fd);
	return 0;
}

bool vrng_stdfds_is_input(const char *path)
{
	static const char *const names[] = { "/dev/stdin", "/dev/fd/0",
					     "/proc/self/fd/0" };
	size_t i;

	for (i = 0; i < VRNG_LENGTH(names); i++)
		if (!strcmp(path, names[i]))
			return true;
	return false;
}
