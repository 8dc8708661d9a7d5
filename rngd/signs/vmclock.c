// SPDX-License-Identifier: GPL-2.0-or-later
/* Forks that vmclock shows: see vmclock.h. */
#include <endian.h>
#include <fcntl.h>
#include <unistd.h>

#include "rngd/signs/vmclock.h"
#include "rngd/signs/vmclock_page.h"

#define NEEDED (RNGD_VMCLOCK_COUNTS_GENERATIONS | RNGD_VMCLOCK_NOTIFIES)

/* Fails if the page has no counter, or does not notify. */
static bool read_generation(int fd, uint64_t *generation)
{
	struct rngd_vmclock_page page;

	if (pread(fd, &page, sizeof(page), 0) != (ssize_t)sizeof(page) ||
	    le32toh(page.magic) != RNGD_VMCLOCK_MAGIC ||
	    le16toh(page.version) != RNGD_VMCLOCK_VERSION ||
	    le32toh(page.size) < sizeof(page) ||
	    (le64toh(page.flags) & NEEDED) != NEEDED)
		return false;
	*generation = le64toh(page.generation);
	return true;
}

void rngd_vmclock_open(struct rngd_vmclock *vmclock, const char *path)
{
	vmclock->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (vmclock->fd >= 0 &&
	    !read_generation(vmclock->fd, &vmclock->generation))
		rngd_vmclock_close(vmclock);
}

/* A read that fails, because the hypervisor changes the page, leaves it readable. */
bool rngd_vmclock_happened(struct rngd_vmclock *vmclock)
{
	const uint64_t before = vmclock->generation;

	if (vmclock->fd < 0 ||
	    !read_generation(vmclock->fd, &vmclock->generation))
		return false;
	return vmclock->generation != before;
}

void rngd_vmclock_close(struct rngd_vmclock *vmclock)
{
	if (vmclock->fd >= 0)
		close(vmclock->fd);
	vmclock->fd = -1;
}
