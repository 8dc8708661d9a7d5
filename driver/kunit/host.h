/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A host in the guest: a virtio transport and the entropy device behind it,
 * over plain memory. It fills the used ring by hand, so that it can lie.
 *
 *	driver --> notify() --> timer --> plan(answer) --> used ring
 *	   ^                                                   |
 *	   +------------------ vring_interrupt() <-------------+
 *
 * All that a host does of its own accord it does in the timer's interrupt, as
 * a real one's interrupts come; a reset stops the timer first.
 */
#ifndef VRNG_KUNIT_HOST_H
#define VRNG_KUNIT_HOST_H

#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/prandom.h>
#include <linux/spinlock.h>
#include <linux/virtio.h>
#include <linux/virtio_ring.h>

#include "stream.h"

#define HOST_QUEUE_MAX 256u

/* An answer as an honest host would give it, for a plan to bend. */
struct host_answer {
	u8 *data; /* the driver's buffer */
	u32 asked; /* its size */
	u32 id; /* of its descriptor */
	u32 fill; /* bytes to write, at most asked */
	u32 used; /* bytes to claim */
	int stuck; /* the byte to repeat instead of the stream, or -1 */
	u32 spare; /* one in so many is none of those, or 0 */
	bool hold; /* not now: nothing happens until host_poke() */
};

struct host;

/* In interrupt context, under the host's lock. */
typedef void host_plan(struct host *host, struct host_answer *answer);

struct host {
	struct virtio_device vdev;
	struct device *parent;
	struct completion released;
	bool present; /* registered */

	/* To be set before host_add(). */
	u32 size; /* of the queue, a power of two */
	u64 features;
	int find_error; /* what find_vqs says, or 0 */
	int fail_nth; /* the allocation that fails when next begun, or 0 */
	int fail_left; /* and after it, by how many it was missed */
	bool failing; /* probe or restore is at work, and one will fail */

	spinlock_t lock; /* irq-safe, for all of this: */
	host_plan *plan; /* NULL: an honest host */
	struct rnd_state rnd;
	struct stream stream;
	bool shuffle; /* answer in any order */
	bool mute; /* no interrupts, though data be there */
	u32 delay_ns; /* at most, between a kick and its answer */
	u64 lies; /* counted by plans */

	u8 status;
	bool running; /* between DRIVER_OK and reset */
	struct virtqueue *vq;
	struct vring vring;
	void *ring;
	u16 avail; /* next entry of the avail ring to look at */
	u16 used; /* next entry of the used ring to write */
	u16 held[HOST_QUEUE_MAX]; /* descriptors not answered yet */
	u32 holds;
	u32 last; /* descriptor that was answered last */
	u32 storm; /* interrupts for nothing that are yet to come */
	bool config; /* a config interrupt is due */
	struct hrtimer timer;

	u64 answers;
	u64 kicks;
	u64 interrupts;
	u64 resets;
	u64 strays; /* kicks while not running, and descriptors amiss */
	u8 *seen[HOST_QUEUE_MAX]; /* buffers the driver has posted */
	u32 seen_size[HOST_QUEUE_MAX];
	u32 seens;
};

int host_init(struct host *host, u64 seed);

/* Plug the device in, and out; host_remove() returns when it is gone. */
int host_add(struct host *host);
void host_remove(struct host *host);
void host_exit(struct host *host);

/* As after a suspend; @fail_nth counts from here, too. */
int host_restore(struct host *host);

void host_set_plan(struct host *host, host_plan *plan);

/* Look at the queue, as after a kick. */
void host_poke(struct host *host);

/* Interrupt @count times, whatever there is to say. */
void host_storm(struct host *host, u32 count);

/* Say that the device needs a reset, by a config interrupt. */
void host_need_reset(struct host *host);

/* Random numbers below @below, for plans. */
u32 host_random(struct host *host, u32 below);

/* Blocks of the stream in memory that the driver had posted. */
u32 host_search(struct host *host);

/* The same, of those blocks alone that are before @block. */
u32 host_search_before(struct host *host, u64 block);

#endif
