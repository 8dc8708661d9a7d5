// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/syscall.h>
#include <unistd.h>

#include "rngd/base/close_range.h"

/* Headers of Linux 5.10 do not have it. */
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

#define FIRST (STDERR_FILENO + 1)

/* From @from up to what comes before @to, if there is anything. */
static void close_between(int from, int to)
{
	if (from < to)
		(void)syscall(SYS_close_range, (unsigned int)from,
			      (unsigned int)to - 1, 0U);
}

void vrng_close_all_but(int a, int b)
{
	int low = a < b ? a : b;
	int high = a < b ? b : a;

	if (low < FIRST)
		low = FIRST - 1;
	if (high < FIRST)
		high = FIRST - 1;
	close_between(FIRST, low);
	close_between(low + 1, high);
	(void)syscall(SYS_close_range, (unsigned int)high + 1, ~0U, 0U);
}

void vrng_close_all_on_exec(void)
{
	(void)syscall(SYS_close_range, (unsigned int)FIRST, ~0U,
		      CLOSE_RANGE_CLOEXEC);
}
