/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A part of a file that somebody else hands us and keeps, mapped: its bytes may
 * change at any moment, and it may be truncated under us, after which what is
 * read are zeros (sigbus.h) and mapping_torn() tells.
 *
 * One thread.
 */
#ifndef DEVICE_GUEST_MEMORY_MAPPING_H
#define DEVICE_GUEST_MEMORY_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrng/error.h"

struct mapping {
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
int mapping_map(struct mapping *mapping, const char *what, int fd,
		uint64_t offset, uint64_t size, struct vrng_error *error);
void mapping_unmap(struct mapping *mapping);

/* Did the file end before the part does? */
bool mapping_torn(const struct mapping *mapping);

#endif
