/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests with a front end have in common: its memory, its socket, waiting. */
#ifndef FRONT_RIG_H
#define FRONT_RIG_H

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/device/front.h"
#include "tests/device/memmap.h"

/* Both of its regions, as a device maps them; NULL if it does not. */
static inline struct memmap *rig_map(const struct front *front)
{
	struct memmap *map = memmap_new();

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
