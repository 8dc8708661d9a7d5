// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

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
