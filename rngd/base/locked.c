// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "rngd/base/locked.h"
#include "rngd/base/log.h"

static atomic_flag is_told = ATOMIC_FLAG_INIT;

void vrng_locked_allow(size_t size)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) || limit.rlim_cur >= size)
		return;
	limit.rlim_cur = size;
	if (limit.rlim_max >= size) {
		(void)setrlimit(RLIMIT_MEMLOCK, &limit);
		return;
	}
	limit.rlim_max = size;
	if (!setrlimit(RLIMIT_MEMLOCK, &limit) ||
	    getrlimit(RLIMIT_MEMLOCK, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_MEMLOCK, &limit);
}

/*
 * Each page when it is used first: what is never used holds no secret, and takes no
 * memory. Before Linux 4.4 all at once.
 */
static int lock(void *ptr, size_t size)
{
	return mlock2(ptr, size, MLOCK_ONFAULT) ? mlock(ptr, size) : 0;
}

void *vrng_locked_alloc(size_t size, struct vrng_log *log)
{
	void *ptr = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (ptr == MAP_FAILED)
		return NULL;
	(void)madvise(ptr, size, MADV_DONTDUMP);
	(void)madvise(ptr, size, MADV_WIPEONFORK);
	if (lock(ptr, size) && log && !atomic_flag_test_and_set(&is_told))
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
