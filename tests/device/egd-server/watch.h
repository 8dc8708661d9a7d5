/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A descriptor in the server's epoll set, and what its events are about. */
#ifndef DEVICE_EGD_SERVER_WATCH_H
#define DEVICE_EGD_SERVER_WATCH_H

#include <stdint.h>

enum egd_watch_kind {
	EGD_WATCH_CONTROL, /* the program's own loop: signals, file helper */
	EGD_WATCH_PREFETCH, /* bytes have come from the source */
	EGD_WATCH_LISTENER,
	EGD_WATCH_CLIENT
};

/* The first member of the object that the event is about. */
struct egd_watch {
	enum egd_watch_kind kind;
	uint32_t events; /* EPOLL*; 0: not in the set */
};

/*
 * Have @epoll report @events of @fd (0: none, which removes it) with @watch as
 * its data. 0, or a negative errno.
 */
int egd_watch_set(int epoll, struct egd_watch *watch, int fd, uint32_t events);

#endif
