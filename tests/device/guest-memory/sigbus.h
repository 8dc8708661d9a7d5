/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Survive SIGBUS in mappings of files that another process may truncate.
 *
 * Guest memory is a file that the front end owns. An access to a page that the
 * file no longer has raises SIGBUS. The handler maps zero pages over the whole
 * guarded range, marks the range as torn, and returns, so that the access is
 * repeated and succeeds. The range's owner calls sigbus_torn() after each batch
 * of accesses, and gives the guest up if it returns true. SIGBUS at any other
 * address kills the process.
 *
 * Any thread may call; each range is used by the owner of its handle only.
 */
#ifndef DEVICE_GUEST_MEMORY_SIGBUS_H
#define DEVICE_GUEST_MEMORY_SIGBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Ranges in a process: for 64 guests, each with MEMMAP_REGIONS regions and one
 * dirty log.
 */
#define SIGBUS_RANGES (64 * (64 + 1))

/* Install the handler, once per process. Returns 0 or a negative errno. */
int sigbus_install(void);

/*
 * Guard the @len bytes mapped at @start; both are multiples of the mapping's
 * page size. Returns a handle (>= 0), or -ENOSPC if all SIGBUS_RANGES are taken.
 */
int sigbus_guard(void *start, size_t len);

/*
 * The handle of the range that holds @addr, and the range, or -ENOENT. For the
 * handler of the thread that accesses it, and for tests.
 */
int sigbus_find(uintptr_t addr, uintptr_t *start, size_t *len);

/* True if a page of the range was missing when it was accessed. */
bool sigbus_torn(int handle);

/* Free the handle. Call it before the range is unmapped. */
void sigbus_forget(int handle);

#endif
