// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
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
 * The unit in which the file can be mapped: a page, or the huge page that
 * hugetlbfs reports as its block size.
 */
static uint64_t map_unit(const struct stat *st)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t block = (uint64_t)st->st_blksize;

	if (block <= page || block > (1U << 30) || (block & (block - 1)))
		return page;
	return block;
}

/* Only a regular file has a size that can be held against the part. */
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

int mapping_map(struct mapping *s, const char *what, int fd, uint64_t offset,
		uint64_t size, struct vrng_error *error)
{
	struct stat st;
	uint64_t unit, skip, len;
	int err = file_check(what, fd, offset + size, &st, error);

	if (err)
		return err;
	unit = map_unit(&st);
	skip = offset & (unit - 1);
	len = (skip + size + unit - 1) & ~(unit - 1);
	/* A file may be larger than a 32-bit address space. */
	if (len > PTRDIFF_MAX)
		return vrng_fail(error, ENOMEM,
				 "%s of 0x%" PRIx64
				 " bytes: more than this program can map",
				 what, size);
	s->len = (size_t)len;
	s->start = mmap(NULL, s->len, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_NORESERVE, fd, (off_t)(offset - skip));
	if (s->start == MAP_FAILED)
		return vrng_fail(error, errno, "%s: mmap: %m", what);
	madvise(s->start, s->len, MADV_DONTDUMP);
	s->host = (unsigned char *)s->start + skip;
	s->guard = sigbus_guard(s->start, s->len);
	if (s->guard >= 0)
		return 0;
	munmap(s->start, s->len);
	return vrng_fail(error, ENOSPC, "%s: too many are mapped in all", what);
}

void mapping_unmap(struct mapping *s)
{
	sigbus_forget(s->guard);
	munmap(s->start, s->len);
}

bool mapping_torn(const struct mapping *s)
{
	return sigbus_torn(s->guard);
}
