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
 * Each thread has ranges of its own: it accesses what it has guarded, and no more.
 */
#ifndef DEVICE_GUEST_MEMORY_SIGBUS_H
#define DEVICE_GUEST_MEMORY_SIGBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Install the handler, once per process. Returns 0 or a negative errno. */
int sigbus_install(void);

/*
 * Guard the @len bytes mapped at @start; both are multiples of the mapping's
 * page size. Returns a handle (>= 0), or -ENOMEM.
 */
int sigbus_guard(void *start, size_t len);

/*
 * The handle of this thread's range that holds @addr, and the range, or -ENOENT.
 * For the signal handler, and for tests.
 */
int sigbus_find(uintptr_t addr, uintptr_t *start, size_t *len);

/* True if a page of the range was missing when it was accessed. */
bool sigbus_torn(int handle);

/* Free the handle, by the thread that got it. Call it before the range is unmapped. */
void sigbus_forget(int handle);

#endif
