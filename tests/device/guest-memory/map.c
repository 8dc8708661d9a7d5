// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/device/guest-memory/dirty_log.h"
#include "tests/device/guest-memory/map.h"
#include "tests/device/guest-memory/mapping.h"

#define FIRST 8 /* regions; the room for them doubles from there */

/* A region and its mapping in this process. */
struct mapped_region {
	struct memmap_region region;
	struct mapping mapping;
};

/* The address spaces that a region is looked up in; it begins in each. */
enum space {
	SPACE_GUEST,
	SPACE_FRONT,
	SPACE_HOST,
	SPACES
};

struct memmap {
	struct mapped_region **sorted[SPACES]; /* all regions, by address */
	unsigned int n; /* regions */
	unsigned int room; /* for regions, in each of @sorted */
	uint64_t left; /* bytes that further regions may have */
	uint64_t bytes; /* limit on the sum of the regions' sizes */
	const struct dirty_log *log; /* not owned; NULL: mark no pages */
};

static uint64_t start_of(const struct mapped_region *m, enum space space)
{
	if (space == SPACE_GUEST)
		return m->region.guest;
	if (space == SPACE_FRONT)
		return m->region.front;
	return (uintptr_t)m->mapping.host;
}

/* Number of regions that begin at or before @addr. */
static unsigned int count_up_to(const struct memmap *map, enum space space,
				uint64_t addr)
{
	unsigned int low = 0, high = map->n;

	while (low < high) {
		unsigned int mid = low + (high - low) / 2;

		if (start_of(map->sorted[space][mid], space) <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The region that holds @addr, or NULL. *@at is the offset of @addr in it. */
static struct mapped_region *find(const struct memmap *map, enum space space,
				  uint64_t addr, uint64_t *at)
{
	unsigned int i = count_up_to(map, space, addr);
	struct mapped_region *m = i ? map->sorted[space][i - 1] : NULL;

	if (!m)
		return NULL;
	*at = addr - start_of(m, space);
	return *at < m->region.size ? m : NULL;
}

static int make_room(struct memmap *map)
{
	unsigned int room = map->room ? 2 * map->room : FIRST;

	if (map->n < map->room)
		return 0;
	for (enum space space = 0; space < SPACES; space++) {
		struct mapped_region **more =
			reallocarray(map->sorted[space], room, sizeof(void *));

		if (!more)
			return -ENOMEM;
		map->sorted[space] = more;
	}
	map->room = room;
	return 0;
}

/* There is room for it. */
static void insert(struct memmap *map, struct mapped_region *m)
{
	for (enum space space = 0; space < SPACES; space++) {
		struct mapped_region **sorted = map->sorted[space];
		unsigned int i = count_up_to(map, space, start_of(m, space));

		memmove(&sorted[i + 1], &sorted[i],
			(map->n - i) * sizeof(void *));
		sorted[i] = m;
	}
	map->n++;
	map->left -= m->region.size;
}

/* No two regions begin at the same address of any space. */
static void take_out(struct memmap *map, const struct mapped_region *m)
{
	for (enum space space = 0; space < SPACES; space++) {
		struct mapped_region **sorted = map->sorted[space];
		unsigned int i = count_up_to(map, space, start_of(m, space));

		memmove(&sorted[i - 1], &sorted[i],
			(map->n - i) * sizeof(void *));
	}
	map->n--;
	map->left += m->region.size;
}

struct memmap *memmap_new(uint64_t bytes)
{
	struct memmap *map = calloc(1, sizeof(*map));

	if (map)
		map->left = map->bytes = bytes;
	return map;
}

void memmap_free(struct memmap *map)
{
	if (!map)
		return;
	memmap_clear(map);
	for (enum space space = 0; space < SPACES; space++)
		free(map->sorted[space]);
	free(map);
}

static void drop(struct mapped_region *m)
{
	mapping_unmap(&m->mapping);
	free(m);
}

void memmap_clear(struct memmap *map)
{
	while (map->n)
		drop(map->sorted[SPACE_GUEST][--map->n]);
	map->left = map->bytes;
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
	if (map->n == MEMMAP_REGIONS)
		return vrng_fail(error, ENOSPC, "more than %d memory regions",
				 MEMMAP_REGIONS);
	if (r->size > map->left)
		return vrng_fail(error, ENOSPC,
				 "memory region of 0x%" PRIx64
				 ": more than 0x%" PRIx64 " bytes in all",
				 r->size, map->bytes);
	return 0;
}

/* The only region that may reach beyond @addr is the last that begins there. */
static int overlap_check(const struct memmap *map,
			 const struct memmap_region *r, enum space space,
			 uint64_t addr, struct vrng_error *error)
{
	unsigned int i = count_up_to(map, space, addr + r->size - 1);
	const struct mapped_region *o = i ? map->sorted[space][i - 1] : NULL;

	if (!o || start_of(o, space) + o->region.size <= addr)
		return 0;
	return vrng_fail(error, EINVAL,
			 "memory region at 0x%" PRIx64
			 " overlaps the one at 0x%" PRIx64,
			 r->guest, o->region.guest);
}

static int check(const struct memmap *map, const struct memmap_region *r,
		 struct vrng_error *error)
{
	int err = region_check(r, error);

	if (!err)
		err = room_check(map, r, error);
	if (!err)
		err = overlap_check(map, r, SPACE_GUEST, r->guest, error);
	if (!err)
		err = overlap_check(map, r, SPACE_FRONT, r->front, error);
	return err;
}

int memmap_add(struct memmap *map, const struct memmap_region *region, int fd,
	       struct vrng_error *error)
{
	struct mapped_region *m;
	int err = check(map, region, error);

	if (err)
		return err;
	m = make_room(map) ? NULL : malloc(sizeof(*m));
	if (!m)
		return vrng_fail(error, ENOMEM, "memory region: %s",
				 strerror(ENOMEM));
	m->region = *region;
	err = mapping_map(&m->mapping, "memory region", fd, region->offset,
			  region->size, error);
	if (err)
		free(m);
	else
		insert(map, m);
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
	uint64_t at;
	struct mapped_region *m = find(map, SPACE_GUEST, region->guest, &at);

	if (!m || !same(&m->region, region))
		return vrng_fail(error, ENOENT,
				 "no memory region at 0x%" PRIx64,
				 region->guest);
	take_out(map, m);
	drop(m);
	return 0;
}

unsigned int memmap_count(const struct memmap *map)
{
	return map->n;
}

struct memmap_region memmap_region(const struct memmap *map, unsigned int i,
				   int *fd)
{
	const struct mapped_region *m = map->sorted[SPACE_GUEST][i];

	*fd = m->mapping.fd;
	return m->region;
}

void *memmap_guest(const struct memmap *map, uint64_t addr, size_t *len)
{
	uint64_t at;
	const struct mapped_region *m = find(map, SPACE_GUEST, addr, &at);

	if (!m)
		return NULL;
	if (*len > m->region.size - at)
		*len = (size_t)(m->region.size - at);
	return m->mapping.host + at;
}

void *memmap_front(const struct memmap *map, uint64_t addr, size_t len)
{
	uint64_t at;
	const struct mapped_region *m = find(map, SPACE_FRONT, addr, &at);

	if (!m || len > m->region.size - at)
		return NULL;
	return m->mapping.host + at;
}

void memmap_log(struct memmap *map, const struct dirty_log *log)
{
	map->log = log;
}

void memmap_wrote(const struct memmap *map, const void *p, size_t len)
{
	const struct mapped_region *m;
	uint64_t at;

	if (!map->log)
		return;
	m = find(map, SPACE_HOST, (uintptr_t)p, &at);
	if (m)
		dirty_log_mark(map->log, m->region.guest + at, len);
}

void memmap_wrote_guest(const struct memmap *map, uint64_t addr, size_t len)
{
	if (map->log)
		dirty_log_mark(map->log, addr, len);
}

bool memmap_torn(const struct memmap *map)
{
	for (unsigned int i = 0; i < map->n; i++)
		if (mapping_torn(&map->sorted[SPACE_GUEST][i]->mapping))
			return true;
	return false;
}
