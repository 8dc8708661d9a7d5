/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for entropy, in whole pages: locked against swapping as far as
 * RLIMIT_MEMLOCK allows, left out of core dumps, empty in a child process, and
 * wiped when it is freed.
 */
#ifndef RNGD_BASE_LOCKED_H
#define RNGD_BASE_LOCKED_H

#include <stddef.h>

struct vrng_log;

/*
 * @size zero bytes, or NULL with errno set. If the memory cannot be locked,
 * @log gets a line (NULL: none), and the memory is usable all the same.
 */
void *vrng_locked_alloc(size_t size, struct vrng_log *log);

/* Wipes first. @size as allocated; a NULL @ptr is allowed. */
void vrng_locked_free(void *ptr, size_t size);

#endif
