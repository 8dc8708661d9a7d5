/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for entropy in whole pages: locked against swapping where
 * RLIMIT_MEMLOCK lets it be, left out of core dumps, empty in a child, and wiped
 * when it is given back.
 */
#ifndef RNGD_BASE_LOCKED_H
#define RNGD_BASE_LOCKED_H

#include <stddef.h>

/* Zeroed; NULL with errno. */
void *vrng_locked_alloc(size_t size);

/* Wipes first. NULL is nothing. */
void vrng_locked_free(void *ptr, size_t size);

#endif
