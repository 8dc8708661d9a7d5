/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Closing many descriptors at once, which not every C library has a name for. */
#ifndef VRNG_BASE_CLOSE_RANGE_H
#define VRNG_BASE_CLOSE_RANGE_H

#include <sys/syscall.h>
#include <unistd.h>

/* Headers of Linux 5.10 do not have it. */
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

/* Close @first to @last, of which any may not be open. */
static inline void vrng_close_range(unsigned int first, unsigned int last)
{
	(void)syscall(SYS_close_range, first, last, 0U);
}

/* Have them closed where a program is executed. Linux 5.10 cannot. */
static inline void vrng_close_range_on_exec(unsigned int first,
					    unsigned int last)
{
	(void)syscall(SYS_close_range, first, last, CLOSE_RANGE_CLOEXEC);
}

#endif
