/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Closing many descriptors at once, which not every C library has a name for. */
#ifndef VRNG_BASE_CLOSE_RANGE_H
#define VRNG_BASE_CLOSE_RANGE_H

#include <sys/syscall.h>
#include <unistd.h>

/* Close @first to @last, of which any may not be open. */
static inline void vrng_close_range(unsigned int first, unsigned int last)
{
	(void)syscall(SYS_close_range, first, last, 0U);
}

#endif
