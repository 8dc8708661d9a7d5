/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deals the bytes of a fetched source out to guests' tanks: to the emptiest of
 * those that want any, in pieces, so that however much one asks for, another
 * that asks for less gets all of it, and one that takes nothing holds nobody
 * up.
 *
 * One thread, the loop's; the tanks' drawers are others.
 */
#ifndef DEVICE_DEALER_H
#define DEVICE_DEALER_H

#include "tests/device/entropy/source_process.h"
#include "tests/device/runtime/loop.h"
#include "tests/device/entropy/prefetch_ring.h"

#define DEALER_TANK  65536 /* bytes ahead for each guest */
#define DEALER_PIECE 4096 /* bytes to one guest before the next is looked at */

struct dealer {
	/* to be filled in */
	struct loop *loop;
	struct fetch fetch; /* begun */
	struct tank *tank; /* an array, each with @room as its room */
	unsigned int tanks;
	void (*gone)(struct dealer *dealer); /* there is no source any more */

	/* its own */
	struct loop_watch bytes;
	struct loop_watch room;
	unsigned int last; /* who had some last */
};

/* The eventfd for the tanks, made before them; a negative errno. */
int dealer_room(void);

/* @room becomes the dealer's. 0 or a negative errno. */
int dealer_start(struct dealer *dealer, int room);
void dealer_stop(struct dealer *dealer);

#endif
