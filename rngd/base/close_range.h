/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Closes many descriptors at once. Not every C library has such a function. */
#ifndef RNGD_BASE_CLOSE_RANGE_H
#define RNGD_BASE_CLOSE_RANGE_H

#include <sys/syscall.h>
#include <unistd.h>

/* Headers of Linux 5.10 do not have it. */
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

/* Close @first to @last. Each of them may be closed already. */
static inline void vrng_close_range(unsigned int first, unsigned int last)
{
	(void)syscall(SYS_close_range, first, last, 0U);
}

/* Have the kernel close them when a program is executed. Linux 5.10 cannot. */
static inline void vrng_close_range_on_exec(unsigned int first,
					    unsigned int last)
{
	(void)syscall(SYS_close_range, first, last, CLOSE_RANGE_CLOEXEC);
}

#endif
