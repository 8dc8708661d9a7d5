/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's memory as its front end shares it, and the one door to it.
 *
 * Every region has three addresses: the guest's (descriptors use it), the
 * front end's own (ring addresses use it) and ours. The first two coincide in
 * some front ends and differ in others, so each has a lookup of its own, and
 * nothing else turns a number from outside into a pointer.
 *
 * One thread at a time. Pointers are good until the region is removed.
 */
#ifndef DEVICE_GUEST_MEMORY_MAP_H
#define DEVICE_GUEST_MEMORY_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrng/error.h"

/* Regions of one guest; what GET_MAX_MEM_SLOTS answers. */
#define MEMMAP_REGIONS 64
/*
 * And the bytes of one guest's: it could use up the address space otherwise, which is
 * 128 TiB for all of them.
 */
#define MEMMAP_BYTES (1ULL << 40)

struct dirty_log;
struct memmap;

/* A region as vhost-user describes it; all in bytes. */
struct memmap_region {
	uint64_t guest; /* its guest physical address */
	uint64_t size; /* > 0 */
	uint64_t front; /* where the front end has mapped it */
	uint64_t offset; /* where it begins in the file */
};

/* For regions of @bytes in all; NULL when there is no memory. */
struct memmap *memmap_new(uint64_t bytes);
void memmap_free(struct memmap *map);

/*
 * Map @region of @fd, which stays the caller's. Refused: sizes that wrap,
 * overlaps in either address space (-EINVAL), a file that is not a regular one
 * or ends before the region does (-EINVAL), too many regions or bytes of them
 * (-ENOSPC).
 */
int memmap_add(struct memmap *map, const struct memmap_region *region, int fd,
	       struct vrng_error *error);

/* Unmap the region with these addresses and size, -ENOENT if there is none. */
int memmap_remove(struct memmap *map, const struct memmap_region *region,
		  struct vrng_error *error);

void memmap_clear(struct memmap *map);

/*
 * Guest address to pointer. *@len (> 0) is cut to what lies in one region;
 * the rest may well be in the next one. NULL if @addr is in none.
 */
void *memmap_guest(const struct memmap *map, uint64_t addr, size_t *len);

/* Front-end address to pointer, all of @len in one region, or NULL. */
void *memmap_front(const struct memmap *map, uint64_t addr, size_t len);

/*
 * From here on pages that are written are marked in @log, which must outlive
 * that; or, with NULL, nowhere.
 */
void memmap_log(struct memmap *map, const struct dirty_log *log);

/* @len bytes at @p were written, all in one region. */
void memmap_wrote(const struct memmap *map, const void *p, size_t len);

/* The same, of a guest address that whoever keeps the log has named. */
void memmap_wrote_guest(const struct memmap *map, uint64_t addr, size_t len);

/* Did a file end before its mapping? Then what was read there was zeros. */
bool memmap_torn(const struct memmap *map);

#endif
