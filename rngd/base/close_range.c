// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/syscall.h>
#include <unistd.h>

#include "rngd/base/close_range.h"

/* Headers of Linux 5.10 do not have it. */
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

#define FIRST (STDERR_FILENO + 1)

/* The lowest of @keep that is @from or higher; -1: there is none. */
static int lowest(const int *keep, size_t n, int from)
{
	int low = -1;
	size_t i;

	for (i = 0; i < n; i++)
		if (keep[i] >= from && (low < 0 || keep[i] < low))
			low = keep[i];
	return low;
}

void vrng_close_all_but(const int *keep, size_t n)
{
	int from = FIRST, next;

	while ((next = lowest(keep, n, from)) >= 0) {
		if (next > from)
			(void)syscall(SYS_close_range, (unsigned int)from,
				      (unsigned int)next - 1, 0U);
		from = next + 1;
	}
	(void)syscall(SYS_close_range, (unsigned int)from, ~0U, 0U);
}

void vrng_close_all_on_exec(void)
{
	(void)syscall(SYS_close_range, (unsigned int)FIRST, ~0U,
		      CLOSE_RANGE_CLOEXEC);
}
