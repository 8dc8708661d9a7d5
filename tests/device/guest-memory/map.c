// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "tests/device/guest-memory/dirty_log.h"
#include "tests/device/guest-memory/map.h"
#include "tests/device/guest-memory/mapping.h"

/* A region and its mapping in this process. */
struct mapped_region {
	struct memmap_region region;
	struct mapping mapping;
};

struct memmap {
	struct mapped_region maps[MEMMAP_REGIONS];
	unsigned int n;
	uint64_t bytes; /* limit on the sum of the regions' sizes */
	const struct dirty_log *log; /* not owned; NULL: mark no pages */
};

struct memmap *memmap_new(uint64_t bytes)
{
	struct memmap *map = calloc(1, sizeof(*map));

	if (map)
		map->bytes = bytes;
	return map;
}

void memmap_free(struct memmap *map)
{
	if (!map)
		return;
	memmap_clear(map);
	free(map);
}

void memmap_clear(struct memmap *map)
{
	while (map->n)
		mapping_unmap(&map->maps[--map->n].mapping);
}

static bool overlap(uint64_t a, uint64_t alen, uint64_t b, uint64_t blen)
{
	return a < b + blen && b < a + alen;
}

/* Refuse addresses that wrap; no later sum can overflow then. */
static int region_check(const struct memmap_region *r, struct vrng_error *error)
{
	uint64_t end;

	if (!r->size)
		return vrng_fail(error, EINVAL, "memory region of size 0");
	if (__builtin_add_overflow(r->guest, r->size, &end) ||
	    __builtin_add_overflow(r->front, r->size, &end) ||
	    __builtin_add_overflow(r->offset, r->size, &end) || end > INT64_MAX)
		return vrng_fail(error, EINVAL,
				 "memory region at 0x%" PRIx64
				 ", size 0x%" PRIx64 ", offset 0x%" PRIx64
				 ": wraps around",
				 r->guest, r->size, r->offset);
	return 0;
}

static int room_check(const struct memmap *map, const struct memmap_region *r,
		      struct vrng_error *error)
{
	uint64_t left = map->bytes;

	if (map->n == MEMMAP_REGIONS)
		return vrng_fail(error, ENOSPC, "more than %d memory regions",
				 MEMMAP_REGIONS);
	for (unsigned int i = 0; i < map->n; i++)
		left -= map->maps[i].region.size;
	if (r->size > left)
		return vrng_fail(error, ENOSPC,
				 "memory region of 0x%" PRIx64
				 ": more than 0x%" PRIx64 " bytes in all",
				 r->size, map->bytes);
	return 0;
}

static int overlap_check(const struct memmap *map,
			 const struct memmap_region *r,
			 struct vrng_error *error)
{
	for (unsigned int i = 0; i < map->n; i++) {
		const struct memmap_region *o = &map->maps[i].region;

		if (overlap(r->guest, r->size, o->guest, o->size) ||
		    overlap(r->front, r->size, o->front, o->size))
			return vrng_fail(error, EINVAL,
					 "memory region at 0x%" PRIx64
					 " overlaps the one at 0x%" PRIx64,
					 r->guest, o->guest);
	}
	return 0;
}

int memmap_add(struct memmap *map, const struct memmap_region *region, int fd,
	       struct vrng_error *error)
{
	int err = region_check(region, error);

	if (!err)
		err = room_check(map, region, error);
	if (!err)
		err = overlap_check(map, region, error);
	if (!err)
		err = mapping_map(&map->maps[map->n].mapping, "memory region",
				  fd, region->offset, region->size, error);
	if (!err)
		map->maps[map->n++].region = *region;
	return err;
}

/* The offset is not compared: a front end may leave it out in REM_MEM_REG. */
static bool same(const struct memmap_region *a, const struct memmap_region *b)
{
	return a->guest == b->guest && a->size == b->size &&
	       a->front == b->front;
}

int memmap_remove(struct memmap *map, const struct memmap_region *region,
		  struct vrng_error *error)
{
	for (unsigned int i = 0; i < map->n; i++) {
		if (!same(&map->maps[i].region, region))
			continue;
		mapping_unmap(&map->maps[i].mapping);
		map->maps[i] = map->maps[--map->n];
		return 0;
	}
	return vrng_fail(error, ENOENT, "no memory region at 0x%" PRIx64,
			 region->guest);
}

void *memmap_guest(const struct memmap *map, uint64_t addr, size_t *len)
{
	for (unsigned int i = 0; i < map->n; i++) {
		const struct mapped_region *m = &map->maps[i];
		uint64_t at = addr - m->region.guest;

		if (addr < m->region.guest || at >= m->region.size)
			continue;
		if (*len > m->region.size - at)
			*len = (size_t)(m->region.size - at);
		return m->mapping.host + at;
	}
	return NULL;
}

void *memmap_front(const struct memmap *map, uint64_t addr, size_t len)
{
	for (unsigned int i = 0; i < map->n; i++) {
		const struct mapped_region *m = &map->maps[i];
		uint64_t at = addr - m->region.front;

		if (addr < m->region.front || at >= m->region.size)
			continue;
		return len <= m->region.size - at ? m->mapping.host + at : NULL;
	}
	return NULL;
}

void memmap_log(struct memmap *map, const struct dirty_log *log)
{
	map->log = log;
}

void memmap_wrote(const struct memmap *map, const void *p, size_t len)
{
	const unsigned char *at = p;

	if (!map->log)
		return;
	for (unsigned int i = 0; i < map->n; i++) {
		const struct mapped_region *m = &map->maps[i];

		if (at >= m->mapping.host &&
		    at < m->mapping.host + m->region.size)
			dirty_log_mark(map->log,
				       m->region.guest +
					       (uint64_t)(at - m->mapping.host),
				       len);
	}
}

void memmap_wrote_guest(const struct memmap *map, uint64_t addr, size_t len)
{
	if (map->log)
		dirty_log_mark(map->log, addr, len);
}

bool memmap_torn(const struct memmap *map)
{
	for (unsigned int i = 0; i < map->n; i++)
		if (mapping_torn(&map->maps[i].mapping))
			return true;
	return false;
}
