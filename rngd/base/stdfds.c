// SPDX-License-Identifier: GPL-2.0-or-later
/* Descriptors 0, 1 and 2: see stdfds.h. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "rngd/base/stdfds.h"

/* O_PATH: it holds the number, and reading and writing it are errors. */
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
