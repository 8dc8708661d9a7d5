// SPDX-License-Identifier: GPL-2.0-or-later
/* Source "getrandom": the kernel's own generator. */
#include <errno.h>
#include <sys/random.h>

#include "rngd/sources/kind.h"

/* Bytes in one call: the kernel makes about 400 MB/s, so this takes 0.2 ms. */
#define CHUNK 65536

/* GRND_NONBLOCK: EAGAIN until the kernel's generator is ready. */
static ssize_t getrandom_read(struct vrng_source *src, void *buf, size_t len,
			      struct vrng_error *error)
{
	ssize_t got = getrandom(buf, len < CHUNK ? len : CHUNK, GRND_NONBLOCK);

	if (got > 0)
		return got;
	if (got == 0 || errno == EAGAIN || errno == EINTR)
		return -EAGAIN;
	return vrng_fail(error, errno,
			 "%s: cannot read: %m; use another source", src->name);
}

static bool getrandom_is_kernels(const struct vrng_source *src)
{
	(void)src;
	return true;
}

const struct vrng_kind vrng_kind_getrandom = {
	.name = "getrandom",
	.usage = "getrandom",
	.is_kernels = getrandom_is_kernels,
	.read = getrandom_read,
};
