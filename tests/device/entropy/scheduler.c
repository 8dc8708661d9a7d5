// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/device/entropy/scheduler.h"

#define DEALER_OF(watch, member)        \
	((struct scheduler *)(void *)(( \
		char *)(watch)-offsetof(struct scheduler, member)))

/* The one that lacks most; of equals, the one whose turn is next. */
static struct prefetch_ring *choose(struct scheduler *d)
{
	struct prefetch_ring *best = NULL;
	size_t most = 0;

	for (unsigned int i = 1; i <= d->rings; i++) {
		unsigned int k = (d->last + i) % d->rings;
		size_t lack = prefetch_lack(&d->prefetch[k]);

		if (lack <= most)
			continue;
		most = lack;
		best = &d->prefetch[k];
	}
	return best;
}

static bool any_open(const struct scheduler *d)
{
	for (unsigned int i = 0; i < d->rings; i++)
		if (prefetch_is_open(&d->prefetch[i]))
			return true;
	return false;
}

/* All full: have each tell when it is not. True: one is not by now. */
static bool ask_all(struct scheduler *d)
{
	bool again = false;

	for (unsigned int i = 0; i < d->rings; i++)
		again |= prefetch_ask(&d->prefetch[i]);
	return again;
}

static void source_gone(struct scheduler *d)
{
	loop_unwatch(d->loop, &d->bytes);
	d->gone(d);
}

/* There is something on the socket, if only its end, and nobody to have it. */
static void idle(struct scheduler *d)
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
	struct scheduler *d = DEALER_OF(watch, bytes);
	struct prefetch_ring *prefetch = choose(d);
	struct iovec part[2];
	ssize_t n;

	if (!prefetch) {
		idle(d);
		return;
	}
	n = readv(watch->fd, part,
		  prefetch_room(prefetch, part, SCHEDULER_PIECE));
	if (n > 0) {
		prefetch_fill(prefetch, (size_t)n);
		d->last = (unsigned int)(prefetch - d->prefetch);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		source_gone(d);
	}
}

/* There is room, or guests came or went. */
static void on_room(struct loop_watch *watch)
{
	struct scheduler *d = DEALER_OF(watch, room);
	bool wanted;
	eventfd_t n;

	eventfd_read(watch->fd, &n);
	wanted = any_open(d);
	source_process_want(&d->process, wanted);
	if (wanted && d->bytes.fd < 0)
		loop_watch(d->loop, &d->bytes, d->process.sock);
}

int scheduler_room(void)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* The socket is watched from the start: its end is to be seen in any case. */
int scheduler_start(struct scheduler *d, int room)
{
	int err;

	d->bytes = (struct loop_watch)LOOP_WATCH(on_bytes);
	d->room = (struct loop_watch)LOOP_WATCH(on_room);
	d->last = 0;
	err = loop_watch(d->loop, &d->room, room);
	if (!err)
		err = loop_watch(d->loop, &d->bytes, d->process.sock);
	return err;
}

void scheduler_stop(struct scheduler *d)
{
	int room = d->room.fd;

	loop_unwatch(d->loop, &d->bytes);
	loop_unwatch(d->loop, &d->room);
	if (room >= 0)
		close(room);
	source_process_stop(&d->process);
}
