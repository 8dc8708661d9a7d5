// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hands out bytes: copies them from the open buffer, compares the VM generation page,
 * and goes on to the next buffer.
 *
 * A stream costs no interrupts: a reader that has used up a buffer looks into the
 * ring itself.
 */
#include <linux/jiffies.h>
#include <linux/string.h>

#include "queue.h"

/* Open the oldest buffer whose bytes are not too old. */
static void vrng_read_open(struct vrng *vrng)
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
static noinline void vrng_read_next(struct vrng *vrng, u32 *left)
{
	lockdep_assert_held(&vrng->lock);
	vrng_queue_release(vrng);
	vrng_pool_wipe(&vrng->pool);
	if (vrng->state == VRNG_LIVE)
		vrng_queue_reap(vrng, left);
	if (vrng->state == VRNG_LIVE) {
		vrng_read_open(vrng);
		vrng_queue_post(vrng);
	}
}

/* Wipe what a reader got and must not have. Returns the bytes that are left: 0. */
static noinline size_t vrng_read_take_back(struct vrng *vrng, u8 *dst,
					   size_t done)
{
	lockdep_assert_held(&vrng->lock);
	memzero_explicit(dst, done);
	/* All buffers that these bytes came from have been released. */
	vrng->pool.stats.read -= done;
	vrng->pool.stats.discarded += done;
	return 0;
}

/* A reader finds that the machine was forked. */
static noinline size_t vrng_read_notice(struct vrng *vrng, u8 *dst, size_t done)
{
	vrng_discard_if_forked(vrng);
	return vrng_read_take_back(vrng, dst, done);
}

size_t vrng_read(struct vrng *vrng, u8 *dst, size_t done, size_t max)
{
	const unsigned long now = jiffies;
	u32 left = vrng->reap_bytes;

	spin_lock_irq(&vrng->lock);
	if (unlikely(done && vrng->read_generation != vrng->pool.generation))
		done = vrng_read_take_back(vrng, dst, done);
	vrng->read_at = get_jiffies_64();
	if (unlikely(!vrng->open || time_after(now, vrng->open_until)))
		vrng_read_next(vrng, &left);
	while (likely(vrng->open)) {
		done += vrng_buf_read(vrng->open, dst + done, max - done);
		/* The next request leaves before the next read. */
		if (unlikely(!vrng_buf_unread(vrng->open)))
			vrng_read_next(vrng, &left);
		if (likely(done == max))
			break;
	}
	if (unlikely(vrng_generation_changed(&vrng->generation)))
		done = vrng_read_notice(vrng, dst, done);
	vrng->read_generation = vrng->pool.generation;
	spin_unlock_irq(&vrng->lock);
	return done;
}
