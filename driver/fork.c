// SPDX-License-Identifier: GPL-2.0-only
/*
 * VM forks: what notifies of them, how they are counted, and the clone's ID.
 *
 * A fork is found by the first of a reader, which compares the VM generation page,
 * and the kernel's notifier. It counts once. The notifier comes after the kernel's
 * generator was reseeded, and then the ID is drawn.
 */
#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/string.h>

#include "compat.h"
#include "vrng.h"

/* How long the ID waits for a notifier, in ms. */
#define VRNG_NOTICE_MS 1000

static void vrng_fork_work_in(struct vrng *vrng, unsigned int ms)
{
	lockdep_assert_held(&vrng->lock);
	/* Not mod_delayed_work(): kernels name the system's queue differently. */
	cancel_delayed_work(&vrng->fork_work);
	schedule_delayed_work(&vrng->fork_work, msecs_to_jiffies(ms));
}

void vrng_fork_count(struct vrng *vrng, bool is_notified)
{
	lockdep_assert_held(&vrng->lock);
	vrng->forks++;
	vrng->id_is_due = true;
	vrng->id_due_at = jiffies;
	if (is_notified)
		vrng->id_due_at += msecs_to_jiffies(VRNG_NOTICE_MS);
	vrng_fork_work_in(vrng, 0);
}

/* Draw the clone's ID, if that is due. May be called in an interrupt. */
static void vrng_fork_draw(struct vrng *vrng)
{
	u8 id[VRNG_GENERATION_ID_SIZE];
	unsigned long flags;

	get_random_bytes(id, sizeof(id));
	vrng_generation_mix(&vrng->generation, id);
	spin_lock_irqsave(&vrng->lock, flags);
	if (vrng->id_is_due) {
		memcpy(vrng->clone_id, id, sizeof(id));
		vrng->id_is_due = false;
		if (vrng->forks)
			vrng_fork_work_in(vrng, 0);
	}
	spin_unlock_irqrestore(&vrng->lock, flags);
	memzero_explicit(id, sizeof(id));
}

/* Not under the lock: sysfs_notify() may sleep. */
static void vrng_fork_wake_pollers(struct vrng *vrng)
{
	struct kobject *kobj = &vrng->vdev->dev.kobj;

	sysfs_notify(kobj, "vrng", "clone_generation");
	sysfs_notify(kobj, "vrng", "clone_id");
}

/* Wake pollers, and draw the ID if no notifier came in time. */
static void vrng_fork_work(struct work_struct *work)
{
	struct vrng *vrng =
		container_of(to_delayed_work(work), struct vrng, fork_work);
	bool draw = false;

	spin_lock_irq(&vrng->lock);
	if (vrng->id_is_due) {
		draw = time_after_eq(jiffies, vrng->id_due_at);
		if (!draw)
			vrng_fork_work_in(vrng, VRNG_NOTICE_MS);
	}
	spin_unlock_irq(&vrng->lock);
	if (draw)
		vrng_fork_draw(vrng);
	vrng_fork_wake_pollers(vrng);
}

/* Is the page as a reader saw it, for which no notice came so far? */
static bool vrng_fork_is_known(const struct vrng *vrng)
{
	lockdep_assert_held(&vrng->lock);
	return vrng->notice_is_due &&
	       !vrng_generation_changed(&vrng->generation);
}

/* The machine was forked: the other clone may get what was asked for before. */
static void vrng_fork_notice(struct vrng *vrng)
{
	unsigned long flags;

	spin_lock_irqsave(&vrng->lock, flags);
	if (!vrng_fork_is_known(vrng))
		vrng_discard_for_fork(vrng);
	vrng->notice_is_due = false;
	spin_unlock_irqrestore(&vrng->lock, flags);
	vrng_fork_draw(vrng);
}

static int vrng_fork_notify(struct notifier_block *nb, unsigned long action,
			    void *data)
{
	vrng_fork_notice(container_of(nb, struct vrng, fork));
	return NOTIFY_DONE;
}

#ifdef HAVE_VMFORK

static void vrng_fork_listen(struct vrng *vrng)
{
	register_random_vmfork_notifier(&vrng->fork);
}

static void vrng_fork_unlisten(struct vrng *vrng)
{
	unregister_random_vmfork_notifier(&vrng->fork);
}

#else

/* The kernel has no driver for vmgenid: the firmware notifies us. */
static void vrng_fork_notice_firmware(struct vrng_generation *generation)
{
	struct vrng *vrng = container_of(generation, struct vrng, generation);

	vrng_fork_notify(&vrng->fork, 0, NULL);
}

static void vrng_fork_listen(struct vrng *vrng)
{
	vrng_generation_listen(&vrng->generation, vrng_fork_notice_firmware);
}

static void vrng_fork_unlisten(struct vrng *vrng)
{
	vrng_generation_unlisten(&vrng->generation);
}

#endif

void vrng_fork_begin(struct vrng *vrng)
{
	INIT_DELAYED_WORK(&vrng->fork_work, vrng_fork_work);
	vrng_generation_find(&vrng->generation, &vrng->vdev->dev);
	vrng->fork.notifier_call = vrng_fork_notify;
	vrng->id_is_due = true;
	vrng_fork_draw(vrng);
	vrng_fork_listen(vrng);
}

void vrng_fork_end(struct vrng *vrng)
{
	vrng_fork_unlisten(vrng);
	cancel_delayed_work_sync(&vrng->fork_work);
	vrng_generation_put(&vrng->generation);
}
