// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sys/epoll.h>

#include "tests/device/egd-server/watch.h"

int egd_watch_set(int epoll, struct egd_watch *watch, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };
	int op = EPOLL_CTL_MOD;

	if (watch->events == events)
		return 0;
	if (!watch->events)
		op = EPOLL_CTL_ADD;
	if (!events)
		op = EPOLL_CTL_DEL;
	if (epoll_ctl(epoll, op, fd, &event))
		return -errno;
	watch->events = events;
	return 0;
}
