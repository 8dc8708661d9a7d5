/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's memory, as its front end shares it. This is the only place that turns
 * an address from outside into a pointer.
 *
 * A region has three addresses: the guest's, which descriptors use; the front
 * end's, which ring addresses use; and the one where it is mapped here. The
 * first two are equal in some front ends and differ in others, so each has its
 * own lookup.
 *
 * One thread at a time. A pointer is valid until its region is removed.
 */
#ifndef DEVICE_GUEST_MEMORY_MAP_H
#define DEVICE_GUEST_MEMORY_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrng/error.h"

/*
 * Regions of one guest, by our choice; the answer to GET_MAX_MEM_SLOTS. QEMU has
 * as many for hot-plugged memory and virtio-mem.
 */
#define MEMMAP_REGIONS 509
/*
 * Bytes of one guest's regions, by our choice: 1 TiB. The guests of a process
 * share its address space, 128 TiB on x86-64, which no guest must use up.
 */
#define MEMMAP_BYTES (1ULL << 40)

struct dirty_log;
struct memmap;

/* A region as vhost-user describes it. */
struct memmap_region {
	uint64_t guest; /* guest physical address */
	uint64_t size; /* bytes, > 0 */
	uint64_t front; /* address in the front end's process */
	uint64_t offset; /* bytes from the start of its file */
};

/*
 * An empty map for regions of at most @bytes in all. NULL when there is no
 * memory.
 */
struct memmap *memmap_new(uint64_t bytes);
void memmap_free(struct memmap *map); /* NULL is allowed */

/*
 * Map @region of file @fd, which the caller keeps. Returns 0 or:
 *  -EINVAL  the size is 0, an address wraps, the region overlaps another in
 *           either address space, @fd is no regular file, or the file ends
 *           before the region does;
 *  -ENOSPC  more than MEMMAP_REGIONS regions, or more bytes than the map's
 *           limit;
 *  -ENOMEM  the region is larger than this process can map, or there is no memory
 *           for its entry or its guard (sigbus.h);
 *  another  fstat(), fcntl() or mmap() failed.
 */
int memmap_add(struct memmap *map, const struct memmap_region *region, int fd,
	       struct vrng_error *error);

/*
 * Unmap the region with the addresses and size of @region; its offset is not
 * compared. Returns 0, or -ENOENT if there is none.
 */
int memmap_remove(struct memmap *map, const struct memmap_region *region,
		  struct vrng_error *error);

/* Number of regions. */
unsigned int memmap_count(const struct memmap *map);

/*
 * Region @i (< memmap_count()), by guest addresses, and its file, which stays the
 * map's.
 */
struct memmap_region memmap_region(const struct memmap *map, unsigned int i,
				   int *fd);

/* Unmap all regions. */
void memmap_clear(struct memmap *map);

/*
 * Pointer to guest address @addr, or NULL if it is in no region. Reduces *@len
 * (bytes, > 0) to what is in the same region; the rest may be in another one.
 */
void *memmap_guest(const struct memmap *map, uint64_t addr, size_t *len);

/*
 * Pointer to front-end address @addr, or NULL if the @len bytes there are not
 * all in one region.
 */
void *memmap_front(const struct memmap *map, uint64_t addr, size_t len);

/*
 * Mark written pages in @log from here on; NULL: mark none. @log is not owned,
 * and must stay valid until the next call or memmap_free().
 */
void memmap_log(struct memmap *map, const struct dirty_log *log);

/*
 * Mark the pages of the @len bytes at @p, all in one region, as written. Call it
 * after writing them.
 */
void memmap_wrote(const struct memmap *map, const void *p, size_t len);

/*
 * The same for guest address @addr, which need not be in any region: the front
 * end may name any address for the used ring.
 */
void memmap_wrote_guest(const struct memmap *map, uint64_t addr, size_t len);

/*
 * True once a file was found to end before its region does. What was read from
 * that region since then may have been zeros.
 */
bool memmap_torn(const struct memmap *map);

#endif
