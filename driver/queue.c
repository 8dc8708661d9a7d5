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
#include "vrng.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* The longest pause between two attempts to recover, in ms. */
#define VRNG_RECOVER_MS_MAX 10000u

bool vrng_queue_may_log(struct vrng *vrng, enum vrng_log kind)
{
	const u64 now = vrng_now_ms();

	lockdep_assert_held(&vrng->lock);
	if (now < vrng->log_next[kind])
		return false;
	vrng->log_next[kind] = now + VRNG_LOG_PAUSE_MS;
	return true;
}

static void vrng_queue_report_length(struct vrng *vrng, u32 used)
{
	lockdep_assert_held(&vrng->lock);
	vrng->device_errors++;
	if (!vrng_queue_may_log(vrng, VRNG_LOG_LENGTH))
		return;
	dev_warn(&vrng->vdev->dev,
		 "device claims %u bytes, more than were asked\n", used);
}

/*
 * Log one line when a stream fails, and one when it is served again, the second
 * only after the first.
 */
static void vrng_queue_report_health(struct vrng *vrng, bool was_bad)
{
	const struct vrng_health *health = &vrng->pool.health;
	struct device *dev = &vrng->vdev->dev;
	const char *failure;

	lockdep_assert_held(&vrng->lock);
	if (health->bad == was_bad)
		return;
	if (health->bad) {
		vrng->told_of_health =
			vrng_queue_may_log(vrng, VRNG_LOG_HEALTH);
		if (!vrng->told_of_health)
			return;
		failure =
			health->failed == VRNG_HEALTH_RCT ?
				"repetition count test failed, the stream is withheld" :
				"adaptive proportion test failed, the stream is withheld";
		dev_warn(dev, "%s\n", failure);
		return;
	}
	if (vrng->told_of_health)
		dev_info(dev, "%u good samples, the stream is taken up again\n",
			 VRNG_HEALTH_GOOD);
}

/* A host is silent until a byte arrives. */
static void vrng_queue_report_answer(struct vrng *vrng)
{
	lockdep_assert_held(&vrng->lock);
	if (!vrng->waits || vrng->waits_received == vrng->pool.stats.received)
		return;
	vrng->waits = 0;
	if (vrng->told_of_silence)
		dev_info(&vrng->vdev->dev, "bytes arrive again\n");
	vrng->told_of_silence = false;
}

static void vrng_queue_report_silence(struct vrng *vrng)
{
	lockdep_assert_held(&vrng->lock);
	vrng->device_errors++;
	vrng->told_of_silence = vrng_queue_may_log(vrng, VRNG_LOG_SILENCE);
	if (!vrng->told_of_silence)
		return;
	dev_warn(&vrng->vdev->dev, "no byte for %u s: readers wait\n",
		 VRNG_SILENT_WAITS * VRNG_WAIT_MS / 1000);
}

void vrng_queue_timed_out(struct vrng *vrng)
{
	spin_lock_irq(&vrng->lock);
	if (vrng->state == VRNG_LIVE) {
		vrng->waits_received = vrng->pool.stats.received;
		vrng->waits++;
		if (vrng->waits == VRNG_SILENT_WAITS)
			vrng_queue_report_silence(vrng);
	}
	spin_unlock_irq(&vrng->lock);
	vrng_recover_check_later(vrng);
}

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

/*
 * Collect what the device has answered, until *@left bytes were asked for: these are
 * tested and wiped with interrupts off. The queue may fail on the way.
 */
static void vrng_queue_reap(struct vrng *vrng, u32 *left)
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
			vrng_queue_report_length(vrng, used);
	}
	vrng_queue_report_health(vrng, was_bad);
	vrng_queue_report_answer(vrng);
	if (likely(!virtqueue_is_broken(vrng->vq) && vrng_queue_is_sound(vrng)))
		return;
	if (vrng_queue_fail(vrng) && vrng_queue_may_log(vrng, VRNG_LOG_RING))
		dev_warn(&vrng->vdev->dev,
			 "its queue is broken: the device is reset\n");
}

static int vrng_queue_add(struct vrng *vrng, struct vrng_buf *buf)
{
	struct scatterlist sg;

	sg_init_one(&sg, buf->data, buf->asked);
	return virtqueue_add_inbuf(vrng->vq, &sg, 1, buf, GFP_ATOMIC);
}

/*
 * (Re)arm the settle work. Never postpone work that is already due: a device
 * that interrupts without end must not keep it from running.
 */
static void vrng_queue_settle_in(struct vrng *vrng, unsigned int ms)
{
	lockdep_assert_held(&vrng->lock);
	if (vrng->settle_now)
		return;
	vrng->settle_now = !ms;
	/* Not mod_delayed_work(): kernels name the system's queue differently. */
	cancel_delayed_work(&vrng->settle);
	schedule_delayed_work(&vrng->settle, msecs_to_jiffies(ms));
}

/*
 * The unread bytes that are kept at rest: none where nothing would show that they
 * are in two clones.
 */
static u32 vrng_queue_rest(const struct vrng *vrng)
{
	return vrng->generation.sign == VRNG_SIGN_NONE ? 0 : VRNG_REQUEST_MIN;
}

/* Post one batch, and kick once for all of it. */
static void vrng_queue_post(struct vrng *vrng)
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

/* Give the open buffer back; what is unread in it is wiped and dropped. */
static void vrng_queue_release(struct vrng *vrng)
{
	lockdep_assert_held(&vrng->lock);
	if (!vrng->open)
		return;
	trace_vrng_buffer(vrng->vdev, VRNG_TRACE_READ, vrng->open->pos,
			  vrng->open->generation);
	vrng_pool_release(&vrng->pool, vrng->open);
	vrng->open = NULL;
}

/* Open the oldest buffer whose bytes are not too old. */
static void vrng_queue_take(struct vrng *vrng)
{
	const u64 now = vrng_now_ms();
	u64 age;

	lockdep_assert_held(&vrng->lock);
	vrng_pool_expire(&vrng->pool, now, vrng->max_age_ms);
	vrng->open = vrng_pool_take(&vrng->pool);
	if (!vrng->open)
		return;
	age = now - vrng->open->since_ms;
	vrng->open_until = jiffies;
	if (age < vrng->max_age_ms)
		vrng->open_until += msecs_to_jiffies(vrng->max_age_ms - age);
}

/*
 * Go on to the next buffer, and ask the device for more. *@left is what may be
 * collected before the lock is released.
 */
static noinline void vrng_queue_next(struct vrng *vrng, u32 *left)
{
	lockdep_assert_held(&vrng->lock);
	vrng_queue_release(vrng);
	vrng_pool_wipe(&vrng->pool);
	if (vrng->state == VRNG_LIVE)
		vrng_queue_reap(vrng, left);
	if (vrng->state == VRNG_LIVE) {
		vrng_queue_take(vrng);
		vrng_queue_post(vrng);
	}
}

/* Wipe what a reader got and must not have. Returns the bytes that are left: 0. */
static noinline size_t vrng_queue_take_back(struct vrng *vrng, u8 *dst,
					    size_t done)
{
	lockdep_assert_held(&vrng->lock);
	memzero_explicit(dst, done);
	/* All buffers that these bytes came from have been released. */
	vrng->pool.stats.read -= done;
	vrng->pool.stats.discarded += done;
	return 0;
}

void vrng_queue_look(struct vrng *vrng)
{
	lockdep_assert_held(&vrng->lock);
	if (!vrng_generation_changed(&vrng->generation))
		return;
	vrng_queue_forget(vrng);
	vrng->notice_is_due = true;
}

/* A reader finds that the machine was forked. */
static noinline size_t vrng_queue_notice(struct vrng *vrng, u8 *dst,
					 size_t done)
{
	vrng_queue_look(vrng);
	return vrng_queue_take_back(vrng, dst, done);
}

size_t vrng_queue_read(struct vrng *vrng, u8 *dst, size_t done, size_t max)
{
	const unsigned long now = jiffies;
	u32 left = vrng->reap_bytes;

	spin_lock_irq(&vrng->lock);
	if (unlikely(done && vrng->read_generation != vrng->pool.generation))
		done = vrng_queue_take_back(vrng, dst, done);
	vrng->read_at = get_jiffies_64();
	if (unlikely(!vrng->open || time_after(now, vrng->open_until)))
		vrng_queue_next(vrng, &left);
	while (likely(vrng->open)) {
		done += vrng_buf_read(vrng->open, dst + done, max - done);
		/* The next request leaves before the next read. */
		if (unlikely(!vrng_buf_unread(vrng->open)))
			vrng_queue_next(vrng, &left);
		if (likely(done == max))
			break;
	}
	if (unlikely(vrng_generation_changed(&vrng->generation)))
		done = vrng_queue_notice(vrng, dst, done);
	vrng->read_generation = vrng->pool.generation;
	spin_unlock_irq(&vrng->lock);
	return done;
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

/* Wake the reader: the device interrupted, or the state changed. */
static void vrng_queue_signal(struct vrng *vrng)
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

/* Is there a reader, or was there one within VRNG_SETTLE_MS? */
static bool vrng_queue_is_read(const struct vrng *vrng)
{
	const u64 settled = vrng->read_at + msecs_to_jiffies(VRNG_SETTLE_MS);

	lockdep_assert_held(&vrng->lock);
	return READ_ONCE(vrng->waiting) ||
	       time_before64(get_jiffies_64(), settled);
}

/* Drop what was read ahead for a reader that stopped, but for what is kept at rest. */
static void vrng_queue_trim(struct vrng *vrng, u64 now)
{
	u32 keep = vrng_queue_rest(vrng);

	lockdep_assert_held(&vrng->lock);
	if (vrng->open && vrng_buf_is_older(vrng->open, now, vrng->max_age_ms))
		vrng_queue_release(vrng);
	if (vrng->open) {
		vrng->pool.stats.discarded += vrng_buf_cut(vrng->open, keep);
		keep -= vrng_buf_unread(vrng->open);
	}
	vrng_pool_expire(&vrng->pool, now, vrng->max_age_ms);
	vrng_pool_trim(&vrng->pool, keep);
}

/* What is held at rest expires later; what is posted interrupts by itself. */
static void vrng_queue_expire_later(struct vrng *vrng, u64 now)
{
	const struct vrng_buf *oldest = vrng->open ?: vrng->pool.ready.head;
	u64 age;

	lockdep_assert_held(&vrng->lock);
	if (!oldest)
		return;
	age = min(now - oldest->since_ms, vrng->max_age_ms);
	schedule_delayed_work(&vrng->expire,
			      msecs_to_jiffies(vrng->max_age_ms - age) + 1);
}

/*
 * Collect what has arrived, and let the device interrupt for what is still posted.
 * Trim what is held once the reader has stopped. As long as there is a reader and
 * something to trim later, only look again later.
 */
static void vrng_queue_settle(struct vrng *vrng, u64 now)
{
	const bool is_read = vrng_queue_is_read(vrng);
	u32 left = vrng->reap_bytes;

	lockdep_assert_held(&vrng->lock);
	if (vrng->state != VRNG_LIVE)
		return;
	if (is_read && vrng_pool_ahead(&vrng->pool) > vrng_queue_rest(vrng)) {
		schedule_delayed_work(&vrng->settle,
				      msecs_to_jiffies(VRNG_SETTLE_MS));
		return;
	}
	vrng_queue_reap(vrng, &left);
	if (vrng->state != VRNG_LIVE)
		return;
	if (!is_read)
		vrng_queue_trim(vrng, now);
	/* Go on after a pause with interrupts on. */
	if (vrng->pool.doomed.count ||
	    (vrng->pool.posted && !virtqueue_enable_cb(vrng->vq)))
		schedule_delayed_work(&vrng->settle, msecs_to_jiffies(1));
	else
		vrng_queue_expire_later(vrng, now);
}

static void vrng_settle_work(struct work_struct *work)
{
	struct vrng *vrng =
		container_of(to_delayed_work(work), struct vrng, settle);

	spin_lock_irq(&vrng->lock);
	vrng->settle_now = false;
	vrng_queue_settle(vrng, vrng_now_ms());
	spin_unlock_irq(&vrng->lock);
	vrng_bufs_reap(vrng);
}

static void vrng_expire_work(struct work_struct *work)
{
	struct vrng *vrng =
		container_of(to_delayed_work(work), struct vrng, expire);

	spin_lock_irq(&vrng->lock);
	vrng_queue_settle(vrng, vrng_now_ms());
	spin_unlock_irq(&vrng->lock);
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

/* Serve readers, and post the first request. */
static void vrng_queue_resume(struct vrng *vrng)
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

/* Wipe what is left to wipe, with interrupts on between pieces. */
static void vrng_queue_wipe(struct vrng *vrng)
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

/*
 * Begin a new generation: wipe what is open and ready, and what was asked for
 * before as it arrives.
 */
static void vrng_queue_discard(struct vrng *vrng)
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

void vrng_queue_end(struct vrng *vrng)
{
	spin_lock_irq(&vrng->lock);
	vrng_queue_discard(vrng);
	if (vrng->state == VRNG_LIVE && vrng->pool.posted &&
	    !vrng->no_recovery) {
		vrng->state = VRNG_PAUSED;
		schedule_delayed_work(&vrng->recover, 0);
	}
	spin_unlock_irq(&vrng->lock);
	vrng_queue_wipe(vrng);
}

void vrng_queue_forget(struct vrng *vrng)
{
	lockdep_assert_held(&vrng->lock);
	vrng_generation_see(&vrng->generation);
	vrng_fork_count(vrng, vrng_generation_is_notified(&vrng->generation));
	vrng_queue_discard(vrng);
	if (vrng->state == VRNG_LIVE) {
		vrng_queue_post(vrng);
		vrng_queue_settle_in(vrng, 0);
	}
	vrng_queue_signal(vrng);
}

void vrng_queue_sleep(struct vrng *vrng)
{
	spin_lock_irq(&vrng->lock);
	vrng->was_failed = vrng->state != VRNG_LIVE;
	vrng->state = VRNG_PAUSED;
	vrng_queue_discard(vrng);
	spin_unlock_irq(&vrng->lock);
	vrng_queue_halt(vrng, VRNG_PAUSED);
}

void vrng_queue_wake(struct vrng *vrng)
{
	spin_lock_irq(&vrng->lock);
	vrng_fork_count(vrng, false);
	vrng_queue_discard(vrng);
	if (vrng->state == VRNG_PAUSED && vrng->was_failed)
		vrng_queue_schedule_recovery(vrng);
	else if (vrng->vq) /* NULL if it could not be restored */
		vrng_queue_resume(vrng);
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
	if (lost && vrng_queue_may_log(vrng, VRNG_LOG_LOST))
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
	INIT_DELAYED_WORK(&vrng->settle, vrng_settle_work);
	INIT_DEFERRABLE_WORK(&vrng->expire, vrng_expire_work);
	vrng->state = VRNG_PAUSED;
	vrng->proven_ms = VRNG_PROVEN_MS;
	vrng->reap_bytes = VRNG_WIPE_BYTES;
}
