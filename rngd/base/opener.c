// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening files for sources and sinks: see vrng/opener.h. */
#include <errno.h>
#include <fcntl.h>

#include "vrng/opener.h"

static int plain_open(void *opaque, const char *path, int flags, mode_t mode)
{
	int fd = open(path, flags, mode);

	(void)opaque;
	return fd < 0 ? -errno : fd;
}

const struct vrng_opener vrng_opener_plain = { .open = plain_open };

int vrng_open(const struct vrng_opener *opener, const char *path, int flags,
	      mode_t mode)
{
	return opener->open(opener->opaque, path, flags, mode);
}
