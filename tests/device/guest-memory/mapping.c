// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/device/guest-memory/mapping.h"
#include "tests/device/guest-memory/sigbus.h"

_Static_assert(sizeof(off_t) == sizeof(int64_t),
	       "build with -D_FILE_OFFSET_BITS=64");

/*
 * Alignment, in bytes, of offset and length when the file is mapped: a page, or
 * the huge page that hugetlbfs reports as its block size.
 */
static uint64_t map_unit(const struct stat *st)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t block = (uint64_t)st->st_blksize;

	if (block <= page || block > (1U << 30) || (block & (block - 1)))
		return page;
	return block;
}

/* Require a regular file: no other has a size to compare @end with. */
static int file_check(const char *what, int fd, uint64_t end, struct stat *st,
		      struct vrng_error *error)
{
	if (fstat(fd, st))
		return vrng_fail(error, errno, "%s: fstat: %m", what);
	if (!S_ISREG(st->st_mode))
		return vrng_fail(error, EINVAL, "%s is not backed by a file",
				 what);
	if (end > (uint64_t)st->st_size)
		return vrng_fail(error, EINVAL,
				 "%s ends at 0x%" PRIx64
				 ", beyond its file's 0x%" PRIx64,
				 what, end, (uint64_t)st->st_size);
	return 0;
}

/* The memory is mapped: keep its file, too, and guard it. */
static int keep(struct mapping *mapping, const char *what, int fd,
		struct vrng_error *error)
{
	int err = 0;

	mapping->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (mapping->fd < 0)
		err = vrng_fail(error, errno, "%s: its file: %m", what);
	mapping->guard = err ? -1 : sigbus_guard(mapping->start, mapping->len);
	if (mapping->guard >= 0)
		return 0;
	if (!err) {
		err = vrng_fail(error, ENOMEM, "%s: guard: %m", what);
		close(mapping->fd);
	}
	munmap(mapping->start, mapping->len);
	return err;
}

int mapping_map(struct mapping *mapping, const char *what, int fd,
		uint64_t offset, uint64_t size, struct vrng_error *error)
{
	struct stat st;
	uint64_t unit, skip, len;
	int err = file_check(what, fd, offset + size, &st, error);

	if (err)
		return err;
	unit = map_unit(&st);
	skip = offset & (unit - 1);
	len = (skip + size + unit - 1) & ~(unit - 1);
	/* On a 32-bit host a file may be larger than the address space. */
	if (len > PTRDIFF_MAX)
		return vrng_fail(error, ENOMEM,
				 "%s of 0x%" PRIx64
				 " bytes: more than this program can map",
				 what, size);
	mapping->len = (size_t)len;
	mapping->start =
		mmap(NULL, mapping->len, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_NORESERVE, fd, (off_t)(offset - skip));
	if (mapping->start == MAP_FAILED)
		return vrng_fail(error, errno, "%s: mmap: %m", what);
	madvise(mapping->start, mapping->len, MADV_DONTDUMP);
	mapping->host = (unsigned char *)mapping->start + skip;
	return keep(mapping, what, fd, error);
}

void mapping_unmap(struct mapping *mapping)
{
	sigbus_forget(mapping->guard);
	munmap(mapping->start, mapping->len);
	close(mapping->fd);
}

bool mapping_torn(const struct mapping *mapping)
{
	return sigbus_torn(mapping->guard);
}
