// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moves buffers between the pool and the virtqueue.
 *
 * Callbacks are on only while a reader waits or the queue is settled. A stream
 * costs no interrupts: a reader that has used up a buffer looks into the ring
 * itself.
 */
#include <linux/device.h>
#include <linux/scatterlist.h>
#include <linux/virtio_config.h>

#include "compat.h"
#include "queue.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* The longest pause between two attempts to recover, in ms. */
#define VRNG_RECOVER_MS_MAX 10000u

/*
 * 0, then 10 ms, doubled until the device has served for VRNG_PROVEN_MS. Bytes
 * alone prove nothing: a host could send some before each failure.
 */
static unsigned long vrng_queue_recover_delay(struct vrng *vrng)
{
	const u64 received = vrng->pool.stats.received;
	u32 ms = vrng->recover_ms;

	lockdep_assert_held(&vrng->lock);
	if (received != vrng->live_received &&
	    vrng_now_ms() - vrng->live_ms >= vrng->proven_ms)
		ms = 0;
	vrng->live_received = received;
	vrng->recover_ms = min(ms ? 2 * ms : 10, VRNG_RECOVER_MS_MAX);
	return msecs_to_jiffies(ms);
}

void vrng_queue_schedule_recovery(struct vrng *vrng)
{
	lockdep_assert_held(&vrng->lock);
	if (!vrng->no_recovery)
		schedule_delayed_work(&vrng->recover,
				      vrng_queue_recover_delay(vrng));
}

bool vrng_queue_fail(struct vrng *vrng)
{
	lockdep_assert_held(&vrng->lock);
	if (vrng->state != VRNG_LIVE || vrng->no_recovery)
		return false;
	vrng->device_errors++;
	vrng->state = VRNG_PAUSED;
	vrng_queue_schedule_recovery(vrng);
	return true;
}

/*
 * Is each descriptor either free or one of ours? The kernel's ring code follows a
 * flag in memory that the host can write, when it takes a buffer back. Then it counts
 * descriptors as free that the device has, and gives them out again.
 */
static bool vrng_queue_is_sound(struct vrng *vrng)
{
	lockdep_assert_held(&vrng->lock);
	return vrng->vq->num_free + vrng->pool.posted ==
	       virtqueue_get_vring_size(vrng->vq);
}

void vrng_queue_reap(struct vrng *vrng, u32 *left)
{
	const bool was_bad = vrng->pool.health.bad;
	const u64 now = vrng_now_ms();
	struct vrng_buf *buf;
	u32 used;

	lockdep_assert_held(&vrng->lock);
	while (*left && (buf = virtqueue_get_buf(vrng->vq, &used))) {
		*left -= min(*left, buf->asked);
		/* Not too old for a reader that waited for it, whatever it took. */
		if (READ_ONCE(vrng->waiting))
			buf->since_ms = now;
		trace_vrng_buffer(vrng->vdev, VRNG_TRACE_COMPLETION, used,
				  buf->generation);
		if (!vrng_pool_filled(&vrng->pool, buf, used))
			vrng_report_length(vrng, used);
	}
	vrng_report_health(vrng, was_bad);
	vrng_report_answer(vrng);
	if (likely(!virtqueue_is_broken(vrng->vq) && vrng_queue_is_sound(vrng)))
		return;
	if (vrng_queue_fail(vrng) && vrng_report_may_log(vrng, VRNG_LOG_RING))
		dev_warn(&vrng->vdev->dev,
			 "its queue is broken: the device is reset\n");
}

static int vrng_queue_add(struct vrng *vrng, struct vrng_buf *buf)
{
	struct scatterlist sg;

	sg_init_one(&sg, buf->data, buf->asked);
	return virtqueue_add_inbuf(vrng->vq, &sg, 1, buf, GFP_ATOMIC);
}

void vrng_queue_settle_in(struct vrng *vrng, unsigned int ms)
{
	lockdep_assert_held(&vrng->lock);
	if (vrng->settle_now)
		return;
	vrng->settle_now = !ms;
	/* Not mod_delayed_work(): kernels name the system's queue differently. */
	cancel_delayed_work(&vrng->settle);
	schedule_delayed_work(&vrng->settle, msecs_to_jiffies(ms));
}

void vrng_queue_post(struct vrng *vrng)
{
	const u64 now = vrng_now_ms();
	struct vrng_buf *buf;
	u32 added = 0;

	lockdep_assert_held(&vrng->lock);
	if (!vrng_pool_wants(&vrng->pool, now))
		return;

	while ((buf = vrng_pool_post(&vrng->pool, now))) {
		if (vrng_queue_add(vrng, buf)) {
			vrng_pool_unpost(&vrng->pool, buf);
			break;
		}
		trace_vrng_buffer(vrng->vdev, VRNG_TRACE_REQUEST, buf->asked,
				  buf->generation);
		added++;
	}
	/* Without event indexes the core would kick for nothing. */
	if (!added)
		return;
	if (virtqueue_kick_prepare(vrng->vq)) {
		vrng->kicks++;
		virtqueue_notify(vrng->vq);
	}
	if (vrng_pool_ahead(&vrng->pool) > vrng_queue_rest(vrng))
		vrng_queue_settle_in(vrng, VRNG_SETTLE_MS);
	else if (!virtqueue_enable_cb(vrng->vq)) /* no timer: it interrupts */
		vrng_queue_settle_in(vrng, 0);
}

void vrng_queue_release(struct vrng *vrng)
{
	lockdep_assert_held(&vrng->lock);
	if (!vrng->open)
		return;
	trace_vrng_buffer(vrng->vdev, VRNG_TRACE_READ, vrng->open->pos,
			  vrng->open->generation);
	vrng_pool_release(&vrng->pool, vrng->open);
	vrng->open = NULL;
}

long vrng_queue_arm(struct vrng *vrng, long left)
{
	unsigned long flags;
	u64 pause;

	spin_lock_irqsave(&vrng->lock, flags);
	vrng->signalled = false;
	vrng->waiting = true;
	if (vrng->state == VRNG_LIVE) {
		pause = vrng_pool_pause(&vrng->pool, vrng_now_ms());
		if (pause) /* nothing is posted, so no interrupt will come */
			left = min_t(long, left, msecs_to_jiffies(pause) ?: 1);
		/* Or there is more to collect, or to wipe and post again. */
		if (!virtqueue_enable_cb(vrng->vq) || vrng->pool.doomed.count)
			left = 0;
	} else if (vrng->state == VRNG_GONE) {
		left = 0;
	}
	spin_unlock_irqrestore(&vrng->lock, flags);
	return left;
}

void vrng_queue_signal(struct vrng *vrng)
{
	lockdep_assert_held(&vrng->lock);
	vrng->signalled = true;
	wake_up_all(&vrng->wait);
}

/*
 * Turn callbacks off in the ring itself. virtqueue_disable_cb() alone writes
 * nothing after an interrupt, because the virtio core expects no further one. On
 * a split ring none comes. A packed ring with event indexes keeps the descriptor
 * for which the last interrupt was asked, and the device passes that again every
 * second lap, after 8 requests on a ring of four. Enabling first makes the core
 * write the ring when it disables.
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

	spin_lock_irqsave(&vrng->lock, flags);
	vrng->interrupts++;
	if (vrng->state == VRNG_LIVE) {
		vrng_queue_silence(vq);
		/* A reader between arming and waiting sees signalled. */
		if (!waitqueue_active(&vrng->wait))
			vrng_queue_settle_in(vrng, 0);
		vrng_queue_signal(vrng);
	}
	spin_unlock_irqrestore(&vrng->lock, flags);
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

void vrng_queue_resume(struct vrng *vrng)
{
	lockdep_assert_held(&vrng->lock);
	vrng->state = VRNG_LIVE;
	vrng->settle_now = false; /* vrng_queue_halt() may have cancelled it */
	vrng_queue_post(vrng);
	vrng_queue_signal(vrng);
}

void vrng_queue_start(struct vrng *vrng)
{
	virtio_device_ready(vrng->vdev);

	spin_lock_irq(&vrng->lock);
	vrng->starts++;
	vrng->live_ms = vrng_now_ms();
	vrng->live_received = vrng->pool.stats.received;
	vrng_queue_resume(vrng);
	spin_unlock_irq(&vrng->lock);
}

void vrng_queue_wipe(struct vrng *vrng)
{
	u32 left;

	do {
		spin_lock_irq(&vrng->lock);
		vrng_pool_wipe(&vrng->pool);
		left = vrng->pool.doomed.count;
		spin_unlock_irq(&vrng->lock);
	} while (left);
}

void vrng_queue_halt(struct vrng *vrng, enum vrng_state state)
{
	spin_lock_irq(&vrng->lock);
	vrng->state = state;
	vrng_queue_signal(vrng);
	spin_unlock_irq(&vrng->lock);
	cancel_delayed_work_sync(&vrng->settle);
	cancel_delayed_work_sync(&vrng->expire);
	vrng_queue_wipe(vrng);
}

void vrng_queue_discard(struct vrng *vrng)
{
	const u64 before = vrng->pool.stats.discarded;

	lockdep_assert_held(&vrng->lock);
	vrng_queue_release(vrng);
	vrng_pool_discard(&vrng->pool);
	trace_vrng_buffer(vrng->vdev, VRNG_TRACE_DISCARD,
			  (u32)(vrng->pool.stats.discarded - before),
			  vrng->pool.generation);
}

void vrng_queue_ask(struct vrng *vrng)
{
	spin_lock_irq(&vrng->lock);
	if (vrng->state == VRNG_LIVE)
		vrng_queue_post(vrng);
	spin_unlock_irq(&vrng->lock);
}

/*
 * Take one buffer back after a reset: no device is left to answer it. False if none
 * is left. Not called then: the ring code would check its count of descriptors, and
 * stop the kernel if the host has made it wrong.
 */
static bool vrng_queue_detach(struct vrng *vrng)
{
	struct vrng_buf *buf = NULL;

	spin_lock_irq(&vrng->lock);
	if (vrng->pool.posted && vrng_queue_is_sound(vrng))
		buf = virtqueue_detach_unused_buf(vrng->vq);
	if (buf)
		vrng_pool_abandon(&vrng->pool, buf);
	spin_unlock_irq(&vrng->lock);
	return buf;
}

/*
 * The ring code has lost buffers: they may still be mapped for the device, so their
 * memory is not freed. Others take their place only with larger buffers, with another
 * use by the hwrng core or with a new probe, or a host could use up the guest's memory.
 */
static void vrng_queue_lose(struct vrng *vrng)
{
	u32 lost;

	lockdep_assert_held(&vrng->lock);
	lost = vrng_bufs_lose(vrng);
	if (lost && vrng_report_may_log(vrng, VRNG_LOG_LOST))
		dev_err(&vrng->vdev->dev,
			"the host damaged the ring: %u buffers are lost\n",
			lost);
}

void vrng_queue_stop(struct vrng *vrng, enum vrng_state state)
{
	vrng_queue_halt(vrng, state);
	vrng_reset_device(vrng->vdev);
	if (!vrng->vq)
		return; /* vrng_queue_find() had failed */

	while (vrng_queue_detach(vrng))
		;
	spin_lock_irq(&vrng->lock);
	vrng_queue_lose(vrng);
	vrng_queue_discard(vrng);
	vrng->vq = NULL;
	spin_unlock_irq(&vrng->lock);
	vrng_queue_wipe(vrng);
	vrng->vdev->config->del_vqs(vrng->vdev);
	vrng_bufs_reap(vrng);
}

void vrng_queue_init(struct vrng *vrng)
{
	spin_lock_init(&vrng->lock);
	init_waitqueue_head(&vrng->wait);
	vrng->state = VRNG_PAUSED;
	vrng->proven_ms = VRNG_PROVEN_MS;
	vrng->reap_bytes = VRNG_WIPE_BYTES;
}
