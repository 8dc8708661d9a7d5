// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "tests/device/entropy/scheduler.h"
#include "tests/device/runtime/fork_signs.h"

/*
 * The ring that lacks most; among equals, the next one after the ring that was
 * filled last. NULL if no ring lacks any bytes.
 */
static struct prefetch_ring *choose(struct scheduler *scheduler)
{
	struct prefetch_ring *best = NULL;
	unsigned int last = scheduler->last;
	size_t most = 0;

	for (unsigned int i = 1; i <= scheduler->rings; i++) {
		unsigned int k = (scheduler->last + i) % scheduler->rings;
		size_t lack = prefetch_lack(scheduler->prefetch[k]);

		if (lack <= most)
			continue;
		most = lack;
		best = scheduler->prefetch[k];
		last = k;
	}
	scheduler->last = last;
	return best;
}

static bool any_open(const struct scheduler *scheduler)
{
	for (unsigned int i = 0; i < scheduler->rings; i++)
		if (prefetch_is_open(scheduler->prefetch[i]))
			return true;
	return false;
}

/*
 * All rings are full: ask each for a signal when it is not. Returns true if one
 * is not full any more.
 */
static bool ask_all(struct scheduler *scheduler)
{
	bool again = false;

	for (unsigned int i = 0; i < scheduler->rings; i++)
		again |= prefetch_ask(scheduler->prefetch[i]);
	return again;
}

/* Bytes that all rings lack together. */
static size_t lack_of_all(const struct scheduler *scheduler)
{
	size_t sum = 0;

	for (unsigned int i = 0; i < scheduler->rings; i++)
		sum += prefetch_lack(scheduler->prefetch[i]);
	return sum;
}

/*
 * Ask the source process for the bytes that lack. If none are on the way, wait
 * until a ring is down to half.
 */
static void order(struct scheduler *scheduler)
{
	if (!scheduler->process.asked && !ask_all(scheduler))
		return;
	source_process_ask(&scheduler->process, lack_of_all(scheduler));
}

/* The source process has ended. */
static void source_gone(struct scheduler *scheduler)
{
	loop_unwatch(scheduler->loop, &scheduler->bytes);
	scheduler->gone(scheduler);
}

/*
 * The socket is readable, but no ring lacks any bytes. Stop watching the socket,
 * unless it is at its end: that must be noticed now.
 */
static void idle(struct scheduler *scheduler)
{
	char byte;

	if (recv(scheduler->bytes.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		source_gone(scheduler);
	else if (!ask_all(scheduler))
		loop_unwatch(scheduler->loop, &scheduler->bytes);
	explicit_bzero(&byte, 1);
}

/* Received bytes go to the ring, unless they are of before a fork. */
static void pass_on(struct scheduler *scheduler, struct prefetch_ring *prefetch,
		    const struct iovec part[2], size_t n, uint64_t tag)
{
	source_process_got(&scheduler->process, n);
	if (source_process_is_fresh(&scheduler->process, n, tag))
		prefetch_fill(prefetch, n);
	else
		prefetch_wipe(part, n);
	order(scheduler);
}

static void on_bytes(struct loop_watch *watch)
{
	struct scheduler *scheduler =
		VRNG_CONTAINER_OF(watch, struct scheduler, bytes);
	struct prefetch_ring *prefetch = choose(scheduler);
	const uint64_t tag = fork_signs_now(scheduler->signs);
	struct iovec part[2];
	ssize_t n;

	if (!prefetch) {
		idle(scheduler);
		return;
	}
	prefetch_mark(prefetch, tag);
	n = readv(watch->fd, part,
		  prefetch_room(prefetch, part, SCHEDULER_PIECE));
	if (n > 0) {
		pass_on(scheduler, prefetch, part, (size_t)n, tag);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		source_gone(scheduler);
	}
}

/* A ring has room, was opened or was closed. */
static void on_room(struct loop_watch *watch)
{
	struct scheduler *scheduler =
		VRNG_CONTAINER_OF(watch, struct scheduler, room);
	bool wanted;
	eventfd_t n;

	eventfd_read(watch->fd, &n);
	wanted = any_open(scheduler);
	source_process_want(&scheduler->process, wanted);
	if (wanted && scheduler->bytes.fd < 0)
		loop_watch(scheduler->loop, &scheduler->bytes,
			   scheduler->process.sock);
	order(scheduler);
}

int scheduler_room(void)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Watch the socket from the start, to notice the end of the source process. */
int scheduler_start(struct scheduler *scheduler, int room)
{
	int err;

	scheduler->bytes = (struct loop_watch)LOOP_WATCH(on_bytes);
	scheduler->room = (struct loop_watch)LOOP_WATCH(on_room);
	scheduler->last = 0;
	err = loop_watch(scheduler->loop, &scheduler->room, room);
	if (!err)
		err = loop_watch(scheduler->loop, &scheduler->bytes,
				 scheduler->process.sock);
	return err;
}

int scheduler_add(struct scheduler *scheduler, struct prefetch_ring *ring)
{
	const unsigned int slots = scheduler->slots ? 2 * scheduler->slots : 8;
	struct prefetch_ring **more;

	if (scheduler->rings == scheduler->slots) {
		more = realloc(scheduler->prefetch, slots * sizeof(void *));
		if (!more)
			return -ENOMEM;
		scheduler->prefetch = more;
		scheduler->slots = slots;
	}
	scheduler->prefetch[scheduler->rings++] = ring;
	return 0;
}

static unsigned int index_of(const struct scheduler *scheduler,
			     const struct prefetch_ring *ring)
{
	unsigned int i = 0;

	while (i < scheduler->rings && scheduler->prefetch[i] != ring)
		i++;
	return i;
}

void scheduler_remove(struct scheduler *scheduler, struct prefetch_ring *ring)
{
	const unsigned int i = index_of(scheduler, ring);

	if (i < scheduler->rings)
		scheduler->prefetch[i] =
			scheduler->prefetch[--scheduler->rings];
}

void scheduler_stop(struct scheduler *scheduler)
{
	int room = scheduler->room.fd;

	loop_unwatch(scheduler->loop, &scheduler->bytes);
	loop_unwatch(scheduler->loop, &scheduler->room);
	if (room >= 0)
		close(room);
	free(scheduler->prefetch);
	scheduler->prefetch = NULL;
	scheduler->rings = scheduler->slots = 0;
	source_process_stop(&scheduler->process);
}
