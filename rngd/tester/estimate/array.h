/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Large arrays that are not read in order. */
#ifndef RNGD_TESTER_ESTIMATE_ARRAY_H
#define RNGD_TESTER_ESTIMATE_ARRAY_H

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/param.h>

/* Pages of this size have fewer translations to be looked up. */
#define VRNG_HUGE_PAGE ((size_t)2 << 20)

/*
 * Returns @size bytes or NULL; the caller frees them. That the pages are huge is
 * only a wish.
 */
static inline void *vrng_array_make(size_t size)
{
	void *array;

	if (size < 2 * VRNG_HUGE_PAGE)
		return malloc(size);
	size = roundup(size, VRNG_HUGE_PAGE);
	array = aligned_alloc(VRNG_HUGE_PAGE, size);
	if (array)
		(void)madvise(array, size, MADV_HUGEPAGE);
	return array;
}

#endif
