// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/device/memmap.h"
#include "tests/device/sigbus.h"

/* A region and where we have it. */
struct mapping {
	struct memmap_region region;
	unsigned char *host; /* the region's first byte */
	void *start; /* what mmap returned, at or before @host */
	size_t len; /* what munmap wants */
	int guard; /* sigbus.h */
};

struct memmap {
	struct mapping maps[MEMMAP_REGIONS];
	unsigned int n;
};

struct memmap *memmap_new(void)
{
	return calloc(1, sizeof(struct memmap));
}

void memmap_free(struct memmap *map)
{
	if (!map)
		return;
	memmap_clear(map);
	free(map);
}

static void mapping_drop(struct mapping *m)
{
	sigbus_forget(m->guard);
	munmap(m->start, m->len);
}

void memmap_clear(struct memmap *map)
{
	while (map->n)
		mapping_drop(&map->maps[--map->n]);
}

static bool overlap(uint64_t a, uint64_t alen, uint64_t b, uint64_t blen)
{
	return a < b + blen && b < a + alen;
}

/* None may wrap, so that all that follows can add without care. */
static int region_check(const struct memmap_region *r, struct vrng_why *why)
{
	uint64_t end;

	if (!r->size)
		return vrng_why(why, EINVAL, "memory region of size 0");
	if (__builtin_add_overflow(r->guest, r->size, &end) ||
	    __builtin_add_overflow(r->front, r->size, &end) ||
	    __builtin_add_overflow(r->offset, r->size, &end) || end > INT64_MAX)
		return vrng_why(why, EINVAL,
				"memory region at 0x%" PRIx64
				", size 0x%" PRIx64 ", offset 0x%" PRIx64
				": wraps around",
				r->guest, r->size, r->offset);
	return 0;
}

static int room_check(const struct memmap *map, const struct memmap_region *r,
		      struct vrng_why *why)
{
	uint64_t bytes = 0;

	if (map->n == MEMMAP_REGIONS)
		return vrng_why(why, ENOSPC, "more than %d memory regions",
				MEMMAP_REGIONS);
	for (unsigned int i = 0; i < map->n; i++)
		bytes += map->maps[i].region.size;
	if (r->size > MEMMAP_BYTES - bytes)
		return vrng_why(why, ENOSPC,
				"memory region of 0x%" PRIx64
				": more than 0x%llx bytes in all",
				r->size, MEMMAP_BYTES);
	return 0;
}

static int overlap_check(const struct memmap *map,
			 const struct memmap_region *r, struct vrng_why *why)
{
	for (unsigned int i = 0; i < map->n; i++) {
		const struct memmap_region *o = &map->maps[i].region;

		if (overlap(r->guest, r->size, o->guest, o->size) ||
		    overlap(r->front, r->size, o->front, o->size))
			return vrng_why(why, EINVAL,
					"memory region at 0x%" PRIx64
					" overlaps the one at 0x%" PRIx64,
					r->guest, o->guest);
	}
	return 0;
}

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

/* Only a regular file has a size that can be held against the region. */
static int file_check(const struct memmap_region *r, int fd, struct stat *st,
		      struct vrng_why *why)
{
	if (fstat(fd, st))
		return vrng_why(why, errno, "memory region: fstat: %s",
				strerror(errno));
	if (!S_ISREG(st->st_mode))
		return vrng_why(why, EINVAL,
				"memory region is not backed by a file");
	if (r->offset + r->size > (uint64_t)st->st_size)
		return vrng_why(why, EINVAL,
				"memory region ends at 0x%" PRIx64
				", beyond its file's 0x%" PRIx64,
				r->offset + r->size, (uint64_t)st->st_size);
	return 0;
}

static int mapping_make(struct mapping *m, const struct memmap_region *r,
			int fd, struct vrng_why *why)
{
	struct stat st;
	uint64_t unit, skip;
	int err = file_check(r, fd, &st, why);

	if (err)
		return err;
	unit = map_unit(&st);
	skip = r->offset & (unit - 1);
	m->region = *r;
	m->len = (size_t)((skip + r->size + unit - 1) & ~(unit - 1));
	m->start =
		mmap(NULL, m->len, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_NORESERVE, fd, (off_t)(r->offset - skip));
	if (m->start == MAP_FAILED)
		return vrng_why(why, errno, "memory region: mmap: %s",
				strerror(errno));
	madvise(m->start, m->len, MADV_DONTDUMP);
	m->host = (unsigned char *)m->start + skip;
	m->guard = sigbus_guard(m->start, m->len);
	if (m->guard >= 0)
		return 0;
	munmap(m->start, m->len);
	return vrng_why(why, ENOSPC, "too many memory regions in all");
}

int memmap_add(struct memmap *map, const struct memmap_region *region, int fd,
	       struct vrng_why *why)
{
	int err = region_check(region, why);

	if (!err)
		err = room_check(map, region, why);
	if (!err)
		err = overlap_check(map, region, why);
	if (!err)
		err = mapping_make(&map->maps[map->n], region, fd, why);
	if (!err)
		map->n++;
	return err;
}

/* The offset may be left out by a front end that removes, so is not asked. */
static bool same(const struct memmap_region *a, const struct memmap_region *b)
{
	return a->guest == b->guest && a->size == b->size &&
	       a->front == b->front;
}

int memmap_remove(struct memmap *map, const struct memmap_region *region,
		  struct vrng_why *why)
{
	for (unsigned int i = 0; i < map->n; i++) {
		if (!same(&map->maps[i].region, region))
			continue;
		mapping_drop(&map->maps[i]);
		map->maps[i] = map->maps[--map->n];
		return 0;
	}
	return vrng_why(why, ENOENT, "no memory region at 0x%" PRIx64,
			region->guest);
}

void *memmap_guest(const struct memmap *map, uint64_t addr, size_t *len)
{
	for (unsigned int i = 0; i < map->n; i++) {
		const struct mapping *m = &map->maps[i];
		uint64_t at = addr - m->region.guest;

		if (addr < m->region.guest || at >= m->region.size)
			continue;
		if (*len > m->region.size - at)
			*len = (size_t)(m->region.size - at);
		return m->host + at;
	}
	return NULL;
}

void *memmap_front(const struct memmap *map, uint64_t addr, size_t len)
{
	for (unsigned int i = 0; i < map->n; i++) {
		const struct mapping *m = &map->maps[i];
		uint64_t at = addr - m->region.front;

		if (addr < m->region.front || at >= m->region.size)
			continue;
		return len <= m->region.size - at ? m->host + at : NULL;
	}
	return NULL;
}

bool memmap_torn(const struct memmap *map)
{
	for (unsigned int i = 0; i < map->n; i++)
		if (sigbus_torn(map->maps[i].guard))
			return true;
	return false;
}
