// SPDX-License-Identifier: GPL-2.0-only
/*
 * When bytes are dropped that the device was asked for before: after a VM fork, for a
 * sleep of the machine, and when nobody reads the device any more.
 */
#include <linux/workqueue.h>

#include "queue.h"

void vrng_discard_for_fork(struct vrng *vrng)
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

void vrng_discard_if_forked(struct vrng *vrng)
{
	lockdep_assert_held(&vrng->lock);
	if (!vrng_generation_changed(&vrng->generation))
		return;
	vrng_discard_for_fork(vrng);
	vrng->notice_is_due = true;
}

void vrng_discard_unused(struct vrng *vrng)
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

void vrng_discard_to_sleep(struct vrng *vrng)
{
	spin_lock_irq(&vrng->lock);
	vrng->was_failed = vrng->state != VRNG_LIVE;
	vrng->state = VRNG_PAUSED;
	vrng_queue_discard(vrng);
	spin_unlock_irq(&vrng->lock);
	vrng_queue_halt(vrng, VRNG_PAUSED);
}

void vrng_discard_and_wake(struct vrng *vrng)
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
