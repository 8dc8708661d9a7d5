/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One virtio entropy device, as this driver holds it.
 *
 *	hwrng core --> hwrng.c --> queue.c --> pool.c
 *	                            |
 *	virtio core <-- main.c -----+         sysfs.c looks on
 *
 * A reader takes no lock for what is at hand. The hwrng core calls read() under
 * a mutex of its own, so that the open buffer has one user; whoever wants to
 * drop it takes it out of sight first (at_hand) and waits until a reader that
 * may have seen it is through (RCU). Those are the settle work and, once that
 * is cancelled, vrng_queue_stop(): never two at once.
 *
 * vq_lock, irq-safe, is for the rest: the virtqueue, the pool, the state and
 * the counters. It is taken once a buffer, not once a read.
 */
#ifndef VRNG_H
#define VRNG_H

#include <linux/hw_random.h>
#include <linux/jiffies.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/virtio.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "pool.h"

/*
 * How long one read() waits for the host before it gives the hwrng core, and
 * whoever queues behind its mutex, a chance: the core calls again.
 */
#define VRNG_WAIT_MS 1000

/* A reader silent for this long has stopped: read-ahead is given up. */
#define VRNG_SETTLE_MS 1000

enum vrng_state {
	VRNG_PAUSED, /* no queue: before probe is done, and while frozen */
	VRNG_LIVE,
	VRNG_GONE, /* being removed */
};

struct vrng {
	struct virtio_device *vdev;
	u64 max_age_ms; /* unread bytes older than this are dropped */

	struct vrng_buf __rcu *at_hand; /* the open buffer, or NULL */
	unsigned long at_hand_until; /* jiffies when it is too old */
	unsigned long read_at; /* jiffies of the last read */

	spinlock_t vq_lock; /* irq-safe, for all of this: */
	enum vrng_state state;
	struct virtqueue *vq; /* set while open, used while live */
	struct vrng_pool pool;
	struct vrng_buf *open; /* the reader's, at hand or about to be dropped */
	bool waiting; /* reader's: it wants more, nothing is to be trimmed */
	bool settle_now; /* the settle work is due and has not begun */
	bool signalled; /* the device interrupted, or the state changed */
	u64 interrupts;
	u64 kicks;
	u64 device_errors;

	wait_queue_head_t wait;
	struct delayed_work settle;
	u32 told; /* the generation that pollers know of; settle's, or stop's */

	struct delayed_work recover;
	bool no_recovery; /* vq_lock: not yet, or no longer */
	u32 recover_ms; /* vq_lock: the next delay, should this one be vain */
	u64 recover_received; /* vq_lock: bytes received by the last one */

	struct notifier_block fork;
	struct notifier_block reboot;

	struct hwrng hwrng;
	char name[16]; /* "virtio", "virtio.1", ... */
	int index;

	struct vrng_buf *bufs;
};

static inline u64 vrng_now_ms(void)
{
	return jiffies64_to_msecs(get_jiffies_64());
}

/* queue.c: buffers between the pool and the device */

/* Find the virtqueue; vrng_queue_stop() gives it back. */
int vrng_queue_find(struct vrng *vrng);

/* Let the device begin: the first request is posted, readers are served. */
void vrng_queue_start(struct vrng *vrng);

/*
 * Stop serving, reset the device, take every buffer back and drop every byte.
 * No callback and no work runs afterwards. @state is VRNG_PAUSED or GONE.
 */
void vrng_queue_stop(struct vrng *vrng, enum vrng_state state);

/* Readers find no more than what is at hand, and wait no longer. */
void vrng_queue_halt(struct vrng *vrng, enum vrng_state state);

/*
 * Hand back the open buffer, if any, and open the next one; asks the device
 * for more where the window says so. NULL: nothing has arrived. For the reader
 * alone, who goes on reading from what this returns until rcu_read_unlock().
 */
struct vrng_buf *vrng_queue_next_buf(struct vrng *vrng);

/*
 * Ask for an interrupt. Returns how long to wait for it, at most @left
 * jiffies; 0 if there is something to look at already.
 */
long vrng_queue_arm(struct vrng *vrng, long left);

/*
 * Drop all that was asked for before, and ask anew: the VM has been cloned. May
 * be called in an interrupt: some kernels' vmgenid does, notifier chain or not.
 */
void vrng_queue_forget(struct vrng *vrng);

void vrng_queue_init(struct vrng *vrng);

/* recover.c: from a device that broke */

/* To be done soon; @why is for the log. vq_lock held. */
void vrng_recover(struct vrng *vrng, const char *why);

/* Between probe and remove, and not while frozen; off waits for its end. */
void vrng_recover_allow(struct vrng *vrng, bool allow);

void vrng_recover_init(struct vrng *vrng);

/* hwrng.c: what the hwrng core calls */
int vrng_hwrng_register(struct vrng *vrng, unsigned short quality);
void vrng_hwrng_unregister(struct vrng *vrng);

/* sysfs.c: the vrng group on the virtio device */
extern const struct attribute_group *vrng_sysfs_groups[];

#endif
