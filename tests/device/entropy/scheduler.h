/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Distributes the bytes of one source process to the prefetch rings of several
 * guests. Each piece goes to the ring that lacks most; equals take turns. So a
 * guest that asks for little gets all of it, however much another asks for, and
 * a guest that takes nothing delays no other.
 *
 * One thread, the loop's. The rings' consumers are other threads.
 */
#ifndef DEVICE_ENTROPY_SCHEDULER_H
#define DEVICE_ENTROPY_SCHEDULER_H

#include "tests/device/entropy/prefetch_ring.h"
#include "tests/device/entropy/source_process.h"
#include "tests/device/runtime/loop.h"

struct fork_signs;

#define SCHEDULER_RING	65536 /* bytes of each guest's prefetch ring */
#define SCHEDULER_PIECE 4096 /* bytes for one ring at a time, at most */

struct scheduler {
	/* Set by the owner. */
	struct loop *loop; /* not owned */
	struct source_process process; /* started; stopped by scheduler_stop() */
	const struct fork_signs *signs; /* not owned; NULL: none */
	void (*gone)(struct scheduler *scheduler); /* the source process ended */

	/* Private. */
	struct prefetch_ring *
		*prefetch; /* array of @rings, with room for @slots */
	unsigned int rings;
	unsigned int slots;
	struct loop_watch bytes;
	struct loop_watch room;
	unsigned int last; /* index of the ring that was filled last */
};

/*
 * The eventfd for prefetch_init()'s @room, shared by all rings. Returns it, or a
 * negative errno.
 */
int scheduler_room(void);

/*
 * Begin to watch the source process and @room, which the scheduler then owns.
 * Returns 0 or a negative errno.
 */
int scheduler_start(struct scheduler *scheduler, int room);

/*
 * Fill @ring, too, which was made with scheduler_room()'s eventfd and is not owned.
 * Returns 0 or -ENOMEM.
 */
int scheduler_add(struct scheduler *scheduler, struct prefetch_ring *ring);

/* Fill it no more. Bytes that are on the way go to others. */
void scheduler_remove(struct scheduler *scheduler, struct prefetch_ring *ring);

/* Stop watching, close @room, and stop the source process. */
void scheduler_stop(struct scheduler *scheduler);

#endif
