// SPDX-License-Identifier: GPL-2.0-only
/*
 * Between the pool and the device: posting, reaping, kicking, settling.
 *
 * Callbacks are off but while a reader waits or the queue settles, so that a
 * stream costs no interrupts: the reader itself finds what has arrived when it
 * has used up a buffer.
 */
#include <linux/device.h>
#include <linux/scatterlist.h>
#include <linux/virtio_config.h>

#include "compat.h"
#include "vrng.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* Once a device, then counted: a lying host shall not fill the log. */
static void vrng_queue_report_length(struct vrng *vrng, u32 used)
{
	struct device *dev = &vrng->vdev->dev;

	if (!vrng->device_errors++)
		dev_warn(dev, "device claims %u bytes, more than were asked\n",
			 used);
}

#define QUEUE_GOOD_AGAIN "%u good samples, the stream is taken up again\n"

/* One line when a stream turns bad, one when it is taken up again. */
static void vrng_queue_report_health(struct vrng *vrng, bool was_bad)
{
	const struct vrng_health *health = &vrng->pool.health;
	struct device *dev = &vrng->vdev->dev;

	if (health->bad == was_bad)
		return;
	if (health->bad)
		dev_warn_ratelimited(dev,
				     "%s test failed, the stream is withheld\n",
				     health->failed == VRNG_HEALTH_RCT ?
					     "repetition count" :
					     "adaptive proportion");
	else
		dev_info_ratelimited(dev, QUEUE_GOOD_AGAIN, VRNG_HEALTH_GOOD);
}

static void vrng_queue_reap(struct vrng *vrng)
{
	const bool was_bad = vrng->pool.health.bad;
	struct vrng_buf *buf;
	u32 used;

	while ((buf = virtqueue_get_buf(vrng->vq, &used))) {
		trace_vrng_completion(vrng->vdev, used, buf->generation);
		if (!vrng_pool_filled(&vrng->pool, buf, used))
			vrng_queue_report_length(vrng, used);
	}
	vrng_queue_report_health(vrng, was_bad);
	if (unlikely(virtqueue_is_broken(vrng->vq)))
		vrng_recover(vrng, "its queue is broken");
}

static int vrng_queue_add(struct vrng *vrng, struct vrng_buf *buf)
{
	struct scatterlist sg;

	sg_init_one(&sg, buf->data, buf->asked);
	return virtqueue_add_inbuf(vrng->vq, &sg, 1, buf, GFP_ATOMIC);
}

/*
 * vq_lock held: settle then, though it was due in minutes; yet what is due at
 * once stays so, and is asked for once, however often a device interrupts.
 */
static void vrng_queue_settle_in(struct vrng *vrng, unsigned int ms)
{
	if (vrng->settle_now)
		return;
	vrng->settle_now = !ms;
	/* The workqueue is the one that schedule_ means: its name changes. */
	cancel_delayed_work(&vrng->settle);
	schedule_delayed_work(&vrng->settle, msecs_to_jiffies(ms));
}

/* Post one batch, and kick once for all of it. */
static void vrng_queue_post(struct vrng *vrng)
{
	const u64 now = vrng_now_ms();
	struct vrng_buf *buf;

	if (!vrng_pool_wants(&vrng->pool, now))
		return;

	while ((buf = vrng_pool_post(&vrng->pool, now))) {
		if (vrng_queue_add(vrng, buf)) {
			vrng_pool_unpost(&vrng->pool, buf);
			break;
		}
		trace_vrng_request(vrng->vdev, buf->asked, buf->generation);
	}
	if (virtqueue_kick_prepare(vrng->vq)) {
		vrng->kicks++;
		virtqueue_notify(vrng->vq);
	}
	vrng_queue_settle_in(vrng, VRNG_SETTLE_MS);
}

/* vq_lock held, and no reader in it: the open buffer goes back. */
static void vrng_queue_release(struct vrng *vrng)
{
	RCU_INIT_POINTER(vrng->at_hand, NULL);
	if (!vrng->open)
		return;
	trace_vrng_read(vrng->vdev, vrng->open->pos, vrng->open->generation);
	vrng_pool_release(&vrng->pool, vrng->open);
	vrng->open = NULL;
}

/* vq_lock held: the oldest bytes that are not too old are the reader's. */
static void vrng_queue_take(struct vrng *vrng)
{
	const u64 now = vrng_now_ms();
	u64 age;

	vrng_pool_expire(&vrng->pool, now, vrng->max_age_ms);
	vrng->open = vrng_pool_take(&vrng->pool);
	if (!vrng->open)
		return;
	age = now - vrng->open->posted_ms;
	vrng->at_hand_until = jiffies;
	if (age < vrng->max_age_ms)
		vrng->at_hand_until += msecs_to_jiffies(vrng->max_age_ms - age);
	rcu_assign_pointer(vrng->at_hand, vrng->open);
}

struct vrng_buf *vrng_queue_next_buf(struct vrng *vrng)
{
	struct vrng_buf *open;
	unsigned long flags;

	spin_lock_irqsave(&vrng->vq_lock, flags);
	vrng_queue_release(vrng);
	if (vrng->state == VRNG_LIVE)
		vrng_queue_reap(vrng);
	if (vrng->state == VRNG_LIVE) {
		vrng_queue_take(vrng);
		vrng_queue_post(vrng);
	}
	open = vrng->open;
	spin_unlock_irqrestore(&vrng->vq_lock, flags);
	return open;
}

long vrng_queue_arm(struct vrng *vrng, long left)
{
	unsigned long flags;
	u64 pause;

	spin_lock_irqsave(&vrng->vq_lock, flags);
	vrng->signalled = false;
	vrng->waiting = true;
	if (vrng->state == VRNG_LIVE) {
		pause = vrng_pool_pause(&vrng->pool, vrng_now_ms());
		if (pause) /* nothing is posted: it is for us to come again */
			left = min_t(long, left, msecs_to_jiffies(pause) ?: 1);
		if (!virtqueue_enable_cb(vrng->vq))
			left = 0;
	} else if (vrng->state == VRNG_GONE) {
		left = 0;
	}
	spin_unlock_irqrestore(&vrng->vq_lock, flags);
	return left;
}

/* vq_lock held; whoever waits looks again. */
static void vrng_queue_signal(struct vrng *vrng)
{
	vrng->signalled = true;
	wake_up_all(&vrng->wait);
}

/*
 * Turns callbacks off so that the device sees it. After an interrupt the virtio
 * core expects no other one and writes nothing. That is right for a split ring.
 * A packed ring passes the descriptor that it was asked for again every second
 * lap, after 8 requests on a ring of four.
 */
static void vrng_queue_silence(struct virtqueue *vq)
{
	if (virtio_has_feature(vq->vdev, VIRTIO_F_RING_PACKED))
		virtqueue_enable_cb_prepare(vq);
	virtqueue_disable_cb(vq);
}

static void vrng_queue_done(struct virtqueue *vq)
{
	struct vrng *vrng = vq->vdev->priv;
	unsigned long flags;

	spin_lock_irqsave(&vrng->vq_lock, flags);
	vrng->interrupts++;
	if (vrng->state == VRNG_LIVE) {
		vrng_queue_silence(vq);
		/* A reader about to wait still holds vq_lock, or saw this. */
		if (!waitqueue_active(&vrng->wait))
			vrng_queue_settle_in(vrng, 0);
		vrng_queue_signal(vrng);
	}
	spin_unlock_irqrestore(&vrng->vq_lock, flags);
}

/* vq_lock held: does somebody read, or did until just now? */
static bool vrng_queue_is_read(const struct vrng *vrng)
{
	const unsigned long settled =
		READ_ONCE(vrng->read_at) + msecs_to_jiffies(VRNG_SETTLE_MS);

	return READ_ONCE(vrng->waiting) || time_before(jiffies, settled);
}

/* vq_lock held: is the open buffer of a time that is to be forgotten? */
static bool vrng_queue_is_stale(const struct vrng *vrng)
{
	return vrng->open && vrng->open->generation != vrng->pool.generation;
}

/* vq_lock held: what was read ahead for a reader that stopped is dropped. */
static void vrng_queue_trim(struct vrng *vrng, u64 now)
{
	u32 keep = VRNG_REQUEST_MIN;

	if (vrng->open && vrng_buf_is_older(vrng->open, now, vrng->max_age_ms))
		vrng_queue_release(vrng);
	if (vrng->open) {
		vrng->pool.stats.discarded += vrng_buf_cut(vrng->open, keep);
		keep -= vrng_buf_unread(vrng->open);
	}
	vrng_pool_expire(&vrng->pool, now, vrng->max_age_ms);
	vrng_pool_trim(&vrng->pool, keep);
}

/* vq_lock held: when to look again, in ms, or 0 if there is no need to. */
static u64 vrng_queue_settle(struct vrng *vrng, u64 now)
{
	do {
		vrng_queue_reap(vrng);
		if (vrng->state != VRNG_LIVE)
			return 0;
		vrng_queue_trim(vrng, now);
	} while (vrng->pool.posted && !virtqueue_enable_cb(vrng->vq));

	rcu_assign_pointer(vrng->at_hand, vrng->open);
	/* What is still posted interrupts when it comes: no polling for it. */
	if (vrng->open || vrng->pool.ready_bytes)
		return vrng->max_age_ms;
	return 0;
}

/*
 * Is the open buffer to be dropped, or its reader to be taken for gone? Then
 * nothing is at hand, and no reader that saw it before is still at it.
 */
static bool vrng_queue_hide(struct vrng *vrng, u32 *generation)
{
	bool stale, hidden;

	spin_lock_irq(&vrng->vq_lock);
	vrng->settle_now = false;
	stale = vrng_queue_is_stale(vrng);
	hidden = stale || !vrng_queue_is_read(vrng);
	if (hidden)
		RCU_INIT_POINTER(vrng->at_hand, NULL);
	*generation = vrng->pool.generation;
	spin_unlock_irq(&vrng->vq_lock);

	if (stale)
		synchronize_rcu_expedited();
	else if (hidden)
		synchronize_rcu();
	return hidden;
}

/*
 * vq_lock held, after vrng_queue_hide(): when to look again, in ms, or 0. What it
 * waited for counts as long as neither a reader turned since nor a fork had the
 * same pointer cleared, whose own look is then due.
 */
static u64 vrng_queue_look(struct vrng *vrng, bool hidden, u32 generation)
{
	if (vrng->state != VRNG_LIVE)
		return 0;
	if (!hidden || generation != vrng->pool.generation ||
	    rcu_access_pointer(vrng->at_hand))
		return VRNG_SETTLE_MS;
	if (vrng_queue_is_stale(vrng))
		vrng_queue_release(vrng);
	if (!vrng_queue_is_read(vrng))
		return vrng_queue_settle(vrng, vrng_now_ms());
	rcu_assign_pointer(vrng->at_hand, vrng->open);
	return VRNG_SETTLE_MS;
}

/* Whoever polls for it may read, and that is not to be under a lock of ours. */
static void vrng_queue_notify_generation(struct vrng *vrng, u32 generation)
{
	if (vrng->told == generation)
		return;
	vrng->told = generation;
	sysfs_notify(&vrng->vdev->dev.kobj, "vrng", "clone_generation");
}

static void vrng_settle_work(struct work_struct *work)
{
	struct vrng *vrng =
		container_of(to_delayed_work(work), struct vrng, settle);
	u32 generation;
	bool hidden;
	u64 again;

	hidden = vrng_queue_hide(vrng, &generation);
	vrng_queue_notify_generation(vrng, generation);

	spin_lock_irq(&vrng->vq_lock);
	again = vrng_queue_look(vrng, hidden, generation);
	if (again)
		schedule_delayed_work(&vrng->settle, msecs_to_jiffies(again));
	spin_unlock_irq(&vrng->vq_lock);
}

int vrng_queue_find(struct vrng *vrng)
{
	struct virtqueue *vq;

	vq = virtio_find_single_vq(vrng->vdev, vrng_queue_done, "input");
	if (IS_ERR(vq))
		return PTR_ERR(vq);
	virtqueue_disable_cb(vq);
	vrng->vq = vq;
	return 0;
}

void vrng_queue_start(struct vrng *vrng)
{
	virtio_device_ready(vrng->vdev);

	spin_lock_irq(&vrng->vq_lock);
	vrng->state = VRNG_LIVE;
	vrng->settle_now = false; /* it may have been cancelled */
	vrng_queue_post(vrng);
	vrng_queue_signal(vrng);
	spin_unlock_irq(&vrng->vq_lock);
}

void vrng_queue_halt(struct vrng *vrng, enum vrng_state state)
{
	spin_lock_irq(&vrng->vq_lock);
	vrng->state = state;
	vrng_queue_signal(vrng);
	spin_unlock_irq(&vrng->vq_lock);
	cancel_delayed_work_sync(&vrng->settle);
}

/*
 * vq_lock held: a new generation begins, and no reader sees the old. What the
 * open buffer still holds is wiped by its reader's next turn, or when all that
 * may be reading from it are through.
 */
static void vrng_queue_discard(struct vrng *vrng)
{
	RCU_INIT_POINTER(vrng->at_hand, NULL);
	vrng_pool_discard(&vrng->pool);
	trace_vrng_discard(vrng->vdev, 0, vrng->pool.generation);
}

void vrng_queue_forget(struct vrng *vrng)
{
	unsigned long flags;

	spin_lock_irqsave(&vrng->vq_lock, flags);
	vrng_queue_discard(vrng);
	if (vrng->state == VRNG_LIVE) {
		vrng_queue_post(vrng);
		vrng_queue_settle_in(vrng, 0);
	}
	vrng_queue_signal(vrng);
	spin_unlock_irqrestore(&vrng->vq_lock, flags);
}

/* vq_lock held: no device is left to answer. */
static void vrng_queue_detach_all(struct vrng *vrng)
{
	struct vrng_buf *buf;

	while ((buf = virtqueue_detach_unused_buf(vrng->vq)))
		vrng_pool_abandon(&vrng->pool, buf);
	vrng_queue_discard(vrng);
	vrng->vq = NULL;
}

void vrng_queue_stop(struct vrng *vrng, enum vrng_state state)
{
	vrng_queue_halt(vrng, state);
	vrng_reset_device(vrng->vdev);
	if (!vrng->vq)
		return; /* setting it up had failed: there is nothing to take back */

	spin_lock_irq(&vrng->vq_lock);
	vrng_queue_detach_all(vrng);
	spin_unlock_irq(&vrng->vq_lock);
	/* Readers open nothing in this state: the last of them may be at it. */
	synchronize_rcu_expedited();
	spin_lock_irq(&vrng->vq_lock);
	vrng_queue_release(vrng);
	spin_unlock_irq(&vrng->vq_lock);

	vrng->vdev->config->del_vqs(vrng->vdev);
	vrng_queue_notify_generation(vrng, vrng->pool.generation);
}

void vrng_queue_init(struct vrng *vrng)
{
	spin_lock_init(&vrng->vq_lock);
	init_waitqueue_head(&vrng->wait);
	INIT_DELAYED_WORK(&vrng->settle, vrng_settle_work);
	vrng_recover_init(vrng);
	vrng->state = VRNG_PAUSED;
}
