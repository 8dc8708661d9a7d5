/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deals the bytes of a fetched source out to guests' tanks: to the emptiest of
 * those that want any, in pieces, so that however much one asks for, another
 * that asks for less gets all of it, and one that takes nothing holds nobody
 * up.
 *
 * One thread, the loop's; the tanks' drawers are others.
 */
#ifndef DEVICE_ENTROPY_SCHEDULER_H
#define DEVICE_ENTROPY_SCHEDULER_H

#include "tests/device/entropy/source_process.h"
#include "tests/device/runtime/loop.h"
#include "tests/device/entropy/prefetch_ring.h"

#define SCHEDULER_TANK 65536 /* bytes ahead for each guest */
#define SCHEDULER_PIECE \
	4096 /* bytes to one guest before the next is looked at */

struct scheduler {
	/* to be filled in */
	struct loop *loop;
	struct source_process process; /* begun */
	struct prefetch_ring
		*prefetch; /* an array, each with @room as its room */
	unsigned int rings;
	void (*gone)(
		struct scheduler *scheduler); /* there is no source any more */

	/* its own */
	struct loop_watch bytes;
	struct loop_watch room;
	unsigned int last; /* who had some last */
};

/* The eventfd for the tanks, made before them; a negative errno. */
int scheduler_room(void);

/* @room becomes the dealer's. 0 or a negative errno. */
int scheduler_start(struct scheduler *scheduler, int room);
void scheduler_stop(struct scheduler *scheduler);

#endif
