// SPDX-License-Identifier: GPL-2.0-only
/*
 * What follows when a reader has stopped: drops what was read ahead for it, but for
 * what is kept at rest, and that when it is too old.
 */
#include <linux/jiffies.h>
#include <linux/workqueue.h>

#include "queue.h"

/* Is there a reader, or was there one within VRNG_SETTLE_MS? */
static bool vrng_settle_is_read(const struct vrng *vrng)
{
	const u64 settled = vrng->read_at + msecs_to_jiffies(VRNG_SETTLE_MS);

	lockdep_assert_held(&vrng->lock);
	return READ_ONCE(vrng->waiting) ||
	       time_before64(get_jiffies_64(), settled);
}

/* Drop what was read ahead for a reader that stopped, but for what is kept at rest. */
static void vrng_settle_trim(struct vrng *vrng, u64 now)
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
static void vrng_settle_expire_later(struct vrng *vrng, u64 now)
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
static void vrng_settle(struct vrng *vrng, u64 now)
{
	const bool is_read = vrng_settle_is_read(vrng);
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
		vrng_settle_trim(vrng, now);
	/* Go on after a pause with interrupts on. */
	if (vrng->pool.doomed.count ||
	    (vrng->pool.posted && !virtqueue_enable_cb(vrng->vq)))
		schedule_delayed_work(&vrng->settle, msecs_to_jiffies(1));
	else
		vrng_settle_expire_later(vrng, now);
}

static void vrng_settle_work(struct work_struct *work)
{
	struct vrng *vrng =
		container_of(to_delayed_work(work), struct vrng, settle);

	spin_lock_irq(&vrng->lock);
	vrng->settle_now = false;
	vrng_settle(vrng, vrng_now_ms());
	spin_unlock_irq(&vrng->lock);
	vrng_bufs_reap(vrng);
}

static void vrng_expire_work(struct work_struct *work)
{
	struct vrng *vrng =
		container_of(to_delayed_work(work), struct vrng, expire);

	spin_lock_irq(&vrng->lock);
	vrng_settle(vrng, vrng_now_ms());
	spin_unlock_irq(&vrng->lock);
}

void vrng_settle_init(struct vrng *vrng)
{
	INIT_DELAYED_WORK(&vrng->settle, vrng_settle_work);
	INIT_DEFERRABLE_WORK(&vrng->expire, vrng_expire_work);
}
