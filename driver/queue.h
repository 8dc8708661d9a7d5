/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What queue.c offers those who move its buffers: read.c, settle.c and discard.c. The
 * caller holds the lock, except for vrng_queue_wipe().
 */
#ifndef VRNG_QUEUE_H
#define VRNG_QUEUE_H

#include "vrng.h"

/*
 * The unread bytes that are kept at rest: none where nothing would show that they
 * are in two clones.
 */
static inline u32 vrng_queue_rest(const struct vrng *vrng)
{
	return vrng->generation.sign == VRNG_SIGN_NONE ? 0 : VRNG_REQUEST_MIN;
}

/*
 * Collect what the device has answered, until *@left bytes were asked for: these are
 * tested and wiped with interrupts off. The queue may fail on the way.
 */
void vrng_queue_reap(struct vrng *vrng, u32 *left);

/* Post one batch, if the window says so, and kick once for all of it. */
void vrng_queue_post(struct vrng *vrng);

/*
 * (Re)arm the settle work. Never postpone work that is already due: a device
 * that interrupts without end must not keep it from running.
 */
void vrng_queue_settle_in(struct vrng *vrng, unsigned int ms);

/* Give the open buffer back; what is unread in it is wiped and dropped. */
void vrng_queue_release(struct vrng *vrng);

/* Wake the reader: the device interrupted, or the state changed. */
void vrng_queue_signal(struct vrng *vrng);

/* Serve readers, and post the first request. */
void vrng_queue_resume(struct vrng *vrng);

/*
 * Begin a new generation: wipe what is open and ready, and what was asked for
 * before as it arrives.
 */
void vrng_queue_discard(struct vrng *vrng);

/* Wipe what is left to wipe, with interrupts on between pieces. */
void vrng_queue_wipe(struct vrng *vrng);

#endif
