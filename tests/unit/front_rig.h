/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests with a front end have in common: its memory, its socket, waiting. */
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

/* Bits that the log of a migration has for one page: see mark_page(). */
#define RIG_PAGE_BITS (__BYTE_ORDER == __BIG_ENDIAN ? 2 : 1)

/* Both of its regions, as a device maps them; NULL if it does not. */
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

/* Is @page marked for those who count in bytes, and for those who do in longs? */
static inline bool rig_is_marked(const unsigned char *bits, uint64_t page)
{
	const uint64_t per_long = 8 * sizeof(unsigned long);
	unsigned long chunk;

	memcpy(&chunk, bits + page / per_long * sizeof(chunk), sizeof(chunk));
	return (bits[page / 8] >> page % 8 & 1) &&
	       (chunk >> page % per_long & 1);
}

/* A socket connected to @path, or -1. */
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

/* The next answer's length, or -1 if none comes within @ms. */
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
