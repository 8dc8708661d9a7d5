/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A part of a file, mapped shared. Another process owns the file and may change
 * its bytes at any time. It may also truncate the file: then the mapping reads
 * as zeros (sigbus.h), and mapping_torn() returns true.
 *
 * One thread at a time.
 */
#ifndef DEVICE_GUEST_MEMORY_MAPPING_H
#define DEVICE_GUEST_MEMORY_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrng/error.h"

struct mapping {
	unsigned char *host; /* the part's first byte */
	int fd; /* its file, owned: a successor maps it again */
	void *start; /* what mmap() returned; at or before @host */
	size_t len; /* bytes mapped at @start */
	int guard; /* handle of sigbus_guard() */
};

/*
 * Map @size (> 0) bytes at @offset of file @fd, readable and writable. The
 * caller keeps @fd. @offset + @size must not wrap. @what names the part in error
 * texts. Returns 0 or:
 *  -EINVAL  @fd is no regular file, or the file ends before the part does;
 *  -ENOMEM  the part is larger than this process can map, or its guard finds no
 *           memory;
 *  another  fstat(), fcntl() or mmap() failed.
 */
int mapping_map(struct mapping *mapping, const char *what, int fd,
		uint64_t offset, uint64_t size, struct vrng_error *error);
void mapping_unmap(struct mapping *mapping);

/* True once an access found that the file ends before the part does. */
bool mapping_torn(const struct mapping *mapping);

#endif
