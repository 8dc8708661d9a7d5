// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/device/entropy/scheduler.h"

#define DEALER_OF(watch, member)                                           \
	((struct dealer *)(void *)((char *)(watch)-offsetof(struct dealer, \
							    member)))

/* The one that lacks most; of equals, the one whose turn is next. */
static struct tank *choose(struct dealer *d)
{
	struct tank *best = NULL;
	size_t most = 0;

	for (unsigned int i = 1; i <= d->tanks; i++) {
		unsigned int k = (d->last + i) % d->tanks;
		size_t lack = tank_lack(&d->tank[k]);

		if (lack <= most)
			continue;
		most = lack;
		best = &d->tank[k];
	}
	return best;
}

static bool any_open(const struct dealer *d)
{
	for (unsigned int i = 0; i < d->tanks; i++)
		if (tank_is_open(&d->tank[i]))
			return true;
	return false;
}

/* All full: have each tell when it is not. True: one is not by now. */
static bool ask_all(struct dealer *d)
{
	bool again = false;

	for (unsigned int i = 0; i < d->tanks; i++)
		again |= tank_ask(&d->tank[i]);
	return again;
}

static void source_gone(struct dealer *d)
{
	loop_unwatch(d->loop, &d->bytes);
	d->gone(d);
}

/* There is something on the socket, if only its end, and nobody to have it. */
static void idle(struct dealer *d)
{
	char byte;

	if (recv(d->bytes.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		source_gone(d);
	else if (!ask_all(d))
		loop_unwatch(d->loop, &d->bytes);
	explicit_bzero(&byte, 1);
}

static void on_bytes(struct loop_watch *watch)
{
	struct dealer *d = DEALER_OF(watch, bytes);
	struct tank *tank = choose(d);
	struct iovec part[2];
	ssize_t n;

	if (!tank) {
		idle(d);
		return;
	}
	n = readv(watch->fd, part, tank_room(tank, part, DEALER_PIECE));
	if (n > 0) {
		tank_fill(tank, (size_t)n);
		d->last = (unsigned int)(tank - d->tank);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		source_gone(d);
	}
}

/* There is room, or guests came or went. */
static void on_room(struct loop_watch *watch)
{
	struct dealer *d = DEALER_OF(watch, room);
	bool wanted;
	eventfd_t n;

	eventfd_read(watch->fd, &n);
	wanted = any_open(d);
	fetch_want(&d->fetch, wanted);
	if (wanted && d->bytes.fd < 0)
		loop_watch(d->loop, &d->bytes, d->fetch.sock);
}

int dealer_room(void)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* The socket is watched from the start: its end is to be seen in any case. */
int dealer_start(struct dealer *d, int room)
{
	int err;

	d->bytes = (struct loop_watch)LOOP_WATCH(on_bytes);
	d->room = (struct loop_watch)LOOP_WATCH(on_room);
	d->last = 0;
	err = loop_watch(d->loop, &d->room, room);
	if (!err)
		err = loop_watch(d->loop, &d->bytes, d->fetch.sock);
	return err;
}

void dealer_stop(struct dealer *d)
{
	int room = d->room.fd;

	loop_unwatch(d->loop, &d->bytes);
	loop_unwatch(d->loop, &d->room);
	if (room >= 0)
		close(room);
	fetch_stop(&d->fetch);
}
