// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "rngd/base/locked.h"
#include "rngd/base/log.h"

void *vrng_locked_alloc(size_t size, struct vrng_log *log)
{
	void *ptr = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (ptr == MAP_FAILED)
		return NULL;
	(void)madvise(ptr, size, MADV_DONTDUMP);
	(void)madvise(ptr, size, MADV_WIPEONFORK);
	if (mlock(ptr, size))
		vrng_log_line(
			log,
			"buffer not locked (%s): it may be swapped; raise ulimit -l",
			strerror(errno));
	return ptr;
}

void vrng_locked_free(void *ptr, size_t size)
{
	if (!ptr)
		return;
	explicit_bzero(ptr, size);
	(void)munmap(ptr, size);
}
