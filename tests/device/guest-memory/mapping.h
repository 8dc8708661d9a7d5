/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A part of a file that somebody else hands us and keeps, mapped: its bytes may
 * change at any moment, and it may be truncated under us, after which what is
 * read are zeros (sigbus.h) and share_torn() tells.
 *
 * One thread.
 */
#ifndef DEVICE_SHARE_H
#define DEVICE_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrng/error.h"

struct share {
	unsigned char *host; /* the part's first byte */
	void *start; /* what mmap returned, at or before @host */
	size_t len; /* what munmap wants */
	int guard; /* sigbus.h */
};

/*
 * Map @size (> 0) bytes of @fd, which stays the caller's, from @offset on; the
 * sum must not wrap. @what it is begins a refusal: -EINVAL for what is no
 * regular file or ends earlier, -ENOSPC, or what the kernel says.
 */
int share_map(struct share *share, const char *what, int fd, uint64_t offset,
	      uint64_t size, struct vrng_why *why);
void share_unmap(struct share *share);

/* Did the file end before the part does? */
bool share_torn(const struct share *share);

#endif
