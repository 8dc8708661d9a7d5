/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gives memory back that only the start of a process needs. */
#ifndef RNGD_BASE_TRIM_H
#define RNGD_BASE_TRIM_H

/*
 * Unmap the pages of code and constants, of the program and its libraries. What is
 * used is mapped again; the kernel keeps them in its page cache. Unlocks them, if
 * mlockall(2) has locked them. Calls madvise(2) and munlock(2) alone.
 */
void vrng_trim_code(void);

/* Return free memory of the heap to the system. */
void vrng_trim_heap(void);

#endif
