/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for bytes that are nobody's business yet: locked, left out of core
 * dumps, not there in a child, and wiped before it is given back.
 */
#ifndef DEVICE_RUNTIME_SECRET_H
#define DEVICE_RUNTIME_SECRET_H

#include <stddef.h>

struct vrng_log;

/*
 * @len zeros, or NULL with errno set. Where the limit on locked memory is too
 * low it is said, and the memory is good for all else.
 */
void *secret_new(size_t len, struct vrng_log *log);
/* @p may be NULL. */
void secret_free(void *p, size_t len);

#endif
