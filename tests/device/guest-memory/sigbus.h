/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Life after SIGBUS, for mappings of files that somebody else may truncate.
 *
 * A guest's memory is a file in the hands of its front end. When a page of it
 * is gone, touching it raises SIGBUS. The handler here puts zero pages over
 * the whole guarded range, remembers that, and lets the access go on; the
 * owner asks sigbus_torn() after each batch and drops the guest. No code needs
 * to be written so that it can be jumped out of. A SIGBUS anywhere else kills
 * the process, as it should.
 *
 * Any thread may guard, forget and access; a range is its guard's own.
 */
#ifndef DEVICE_GUEST_MEMORY_SIGBUS_H
#define DEVICE_GUEST_MEMORY_SIGBUS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A region takes one, and so does a log: memmap.h bounds the regions of a guest,
 * which has one log, and guest.h the guests.
 */
#define SIGBUS_RANGES (64 * (64 + 1))

/* Install the handler, once per process. 0 or a negative errno. */
int sigbus_install(void);

/*
 * Guard @len bytes at @start, both multiples of the mapping's page size.
 * Returns a handle (>= 0), or -ENOSPC when the table is full.
 */
int sigbus_guard(void *start, size_t len);

/* Was anything missing in the range behind @handle? */
bool sigbus_torn(int handle);

/* Call before the range is unmapped. */
void sigbus_forget(int handle);

#endif
