// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory for entropy: see locked.h. */
#include <string.h>
#include <sys/mman.h>

#include "rngd/base/locked.h"

void *vrng_locked_alloc(size_t size)
{
	void *ptr = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (ptr == MAP_FAILED)
		return NULL;
	(void)mlock(ptr, size);
	(void)madvise(ptr, size, MADV_DONTDUMP);
	(void)madvise(ptr, size, MADV_WIPEONFORK);
	return ptr;
}

void vrng_locked_free(void *ptr, size_t size)
{
	if (!ptr)
		return;
	explicit_bzero(ptr, size);
	(void)munmap(ptr, size);
}
