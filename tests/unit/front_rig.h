/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helpers of tests with a front end: its memory map, its socket, waiting. */
#ifndef FRONT_RIG_H
#define FRONT_RIG_H

#include <endian.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/front.h"
#include "tests/device/guest-memory/map.h"

/* Bits that the dirty log sets for one page: see mark_page() in dirty_log.c. */
#define RIG_PAGE_BITS (__BYTE_ORDER == __BIG_ENDIAN ? 2 : 1)

/* Map both regions of @front, as a device does. NULL on failure. */
static inline struct memmap *rig_map(const struct front *front)
{
	struct memmap *map = memmap_new(MEMMAP_BYTES);

	for (int i = 0; map && i < 2; i++) {
		struct vu_region w = front_region(i);
		struct memmap_region r = { w.guest, w.size, w.front, w.offset };

		if (!memmap_add(map, &r, front->memfd, NULL))
			continue;
		memmap_free(map);
		return NULL;
	}
	return map;
}

/* True if @page is marked both for readers by bytes and for readers by longs. */
static inline bool rig_is_marked(const unsigned char *bits, uint64_t page)
{
	const uint64_t per_long = 8 * sizeof(unsigned long);
	unsigned long chunk;

	memcpy(&chunk, bits + page / per_long * sizeof(chunk), sizeof(chunk));
	return (bits[page / 8] >> page % 8 & 1) &&
	       (chunk >> page % per_long & 1);
}

/* A socket that is connected to @path, or -1. */
static inline int rig_dial(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strncpy(addr.sun_path, path, sizeof(addr.sun_path) - 1);
	if (!connect(fd, (const struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	close(fd);
	return -1;
}

/* Take the next answer. Returns its length, or -1 if none comes within @ms. */
static inline int64_t rig_await_answer(struct front *front, int ms)
{
	struct pollfd call = { .fd = front->call, .events = POLLIN };
	uint32_t id, len;

	while (!front_answer(front, &id, &len)) {
		if (poll(&call, 1, ms) != 1)
			return -1;
		front_interrupts(front);
	}
	return len;
}

#endif
