/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fake host inside the guest: a virtio transport and an entropy device, in
 * plain memory. It fills the used ring by hand, so that it can lie.
 *
 *	driver --> notify() --> timer --> plan(answer) --> used ring
 *	   ^                                                   |
 *	   +------------------ vring_interrupt() <-------------+
 *
 * The device works in the timer's interrupt only, as a real device's interrupts
 * arrive. A reset stops the timer first.
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

/* The answer of an honest host, which a plan may change. */
struct host_answer {
	u8 *data; /* the driver's buffer */
	u32 asked; /* its size */
	u32 id; /* of its descriptor */
	u32 fill; /* bytes to write, at most asked */
	u32 used; /* bytes to claim */
	int stuck; /* the byte to repeat instead of the stream, or -1 */
	u32 spare; /* every spare-th byte is random instead, or 0 */
	bool hold; /* do not answer until host_poke() */
};

struct host;

/* Called in interrupt context, under the host's lock. */
typedef void host_plan(struct host *host, struct host_answer *answer);

struct host {
	struct virtio_device vdev;
	struct device *parent;
	struct completion released;
	bool present; /* registered */

	/* Set before host_add(). */
	u32 size; /* of the queue, a power of two */
	u64 features;
	int find_error; /* what find_vqs returns, or 0 */
	u32 find_errors; /* how often it was returned */
	u32 find_needs; /* how often find_vqs sets NEEDS_RESET, too */
	void (*ready)(struct host *host); /* called at DRIVER_OK, or NULL */
	int fail_nth; /* which allocation of the next probe fails, or 0 */
	int fail_left; /* after it: by how many fail_nth was missed */
	bool failing; /* in a probe or restore in which one fails */

	spinlock_t lock; /* irq-safe; guards all that follows */
	host_plan *plan; /* NULL: an honest host */
	struct rnd_state rnd;
	struct stream stream;
	bool shuffle; /* answer in any order */
	bool mute; /* raise no interrupts for answers */
	u32 delay_ns; /* at most, between a kick and its answer */
	u32 latency_ns; /* more, and always */
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
	u32 storm; /* spurious interrupts yet to be raised */
	bool config; /* a config interrupt is due */
	struct hrtimer timer;

	u64 answers;
	u64 kicks;
	u64 interrupts;
	u64 resets;
	u64 strays; /* kicks while not running, and bad descriptors */
	u8 *seen[HOST_QUEUE_MAX]; /* buffers the driver has posted */
	u32 seen_size[HOST_QUEUE_MAX];
	u32 seens;
};

int host_init(struct host *host, u64 seed);

/* Plug the device in or out. host_remove() waits until it is released. */
int host_add(struct host *host);
void host_remove(struct host *host);
void host_exit(struct host *host);

/* Restore the device as after a suspend; fail_nth applies. */
int host_restore(struct host *host);

void host_set_plan(struct host *host, host_plan *plan);

/* Look at the queue as after a kick. */
void host_poke(struct host *host);

/* Raise @count spurious interrupts. */
void host_storm(struct host *host, u32 count);

/* Set NEEDS_RESET and raise a config interrupt. */
void host_need_reset(struct host *host);

/* Set NEEDS_RESET, and raise no interrupt. */
void host_need_reset_quietly(struct host *host);

/* Reset the device as the bus does: the driver is not told. */
void host_lose_power(struct host *host);

/* A random number below @below, for plans. */
u32 host_random(struct host *host, u32 below);

/* Number of blocks of the stream in memory that the driver has posted. */
u32 host_search(struct host *host);

/* The same, of the blocks before @block only. */
u32 host_search_before(struct host *host, u64 block);

#endif
