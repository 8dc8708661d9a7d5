// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "rngd/base/log.h"
#include "tests/device/runtime/secret.h"

void *secret_new(size_t len, struct vrng_log *to)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	madvise(p, len, MADV_DONTDUMP);
	madvise(p, len, MADV_WIPEONFORK);
	if (mlock(p, len))
		vrng_log_line(
			to,
			"buffer not locked (%s): it may be swapped; raise ulimit -l",
			strerror(errno));
	return p;
}

void secret_free(void *p, size_t len)
{
	if (!p)
		return;
	explicit_bzero(p, len);
	munmap(p, len);
}
