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
 * Raise RLIMIT_MEMLOCK to @size bytes, or as far as it goes: beyond the hard limit
 * only with CAP_SYS_RESOURCE. Call it before privileges are dropped.
 */
void vrng_locked_allow(size_t size);

/*
 * @size zero bytes, or NULL with errno set. Memory that cannot be locked is usable
 * all the same. The first such memory of the process is reported in one line of
 * @log (NULL: not reported).
 */
void *vrng_locked_alloc(size_t size, struct vrng_log *log);

/* Wipes first. @size as allocated; a NULL @ptr is allowed. */
void vrng_locked_free(void *ptr, size_t size);

#endif
