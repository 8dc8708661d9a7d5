// SPDX-License-Identifier: GPL-2.0-only
/*
 * The face towards the hwrng core, which calls read() with 64 bytes at a time,
 * one call at once, from /dev/hwrng's readers and from its own thread.
 */
#include <linux/idr.h>
#include <linux/sched.h>

#include "vrng.h"

static DEFINE_IDA(vrng_hwrng_ida);

/* Has @open more than @len bytes, and are they young enough? */
static inline bool vrng_hwrng_has_more(const struct vrng *vrng,
				       const struct vrng_buf *open, size_t len,
				       unsigned long now)
{
	return open && vrng_buf_unread(open) > len &&
	       !time_after(now, vrng->at_hand_until);
}

static size_t vrng_hwrng_serve(struct vrng *vrng, u8 *dst, size_t max)
{
	const unsigned long now = jiffies;
	struct vrng_buf *open;
	size_t done = 0;

	rcu_read_lock();
	WRITE_ONCE(vrng->read_at, now);
	open = rcu_dereference(vrng->at_hand);
	if (!vrng_hwrng_has_more(vrng, open, 0, now))
		open = vrng_queue_next_buf(vrng);

	while (open) {
		done += vrng_buf_read(open, dst + done, max - done);
		/* Turn at once: the next request leaves before the next read. */
		if (!vrng_buf_unread(open))
			open = vrng_queue_next_buf(vrng);
		if (done == max)
			break;
	}
	rcu_read_unlock();
	return done;
}

/* Wait for a sign of more, at most @left jiffies; negative for a signal. */
static long vrng_hwrng_wait(struct vrng *vrng, long left)
{
	const bool *signalled = &vrng->signalled;
	long ret;

	left = vrng_queue_arm(vrng, left);
	if (!left)
		return 0; /* it has come meanwhile */
	ret = wait_event_interruptible_timeout(vrng->wait,
					       READ_ONCE(*signalled), left);
	return ret;
}

/*
 * Wait for data until @deadline. 0 for another look, or -ETIME, or -ENODEV
 * while the device goes, or a signal's.
 */
static long vrng_hwrng_wait_until(struct vrng *vrng, unsigned long deadline)
{
	const unsigned long now = jiffies;

	if (READ_ONCE(vrng->state) == VRNG_GONE) {
		/* The core is about to notice: a tick rather than a spin. */
		schedule_timeout_interruptible(1);
		return -ENODEV;
	}
	if (time_after_eq(now, deadline))
		return -ETIME;
	return min(vrng_hwrng_wait(vrng, deadline - now), 0L);
}

/*
 * As many of @max bytes as there are; if @wait, all of them, but for a signal,
 * removal, or a host silent for VRNG_WAIT_MS. On 0 the core's callers come
 * again, and may then find another device to be the current one.
 */
static noinline int vrng_hwrng_read_on(struct vrng *vrng, u8 *dst, size_t max,
				       bool wait)
{
	const unsigned long deadline = jiffies + msecs_to_jiffies(VRNG_WAIT_MS);
	size_t done = vrng_hwrng_serve(vrng, dst, max);
	long err = 0;

	while (wait && done < max && !err) {
		err = vrng_hwrng_wait_until(vrng, deadline);
		if (!err)
			done += vrng_hwrng_serve(vrng, dst + done, max - done);
	}
	WRITE_ONCE(vrng->waiting, false);
	return !done && err == -ERESTARTSYS ? err : done;
}

/*
 * Nearly all calls find more at hand than they ask for, and cost no more than
 * that: no lock, no call, and no room made for the rest. Of what RCU waits for,
 * a region that is not preempted is the one that is entered without a call.
 */
static int vrng_hwrng_read(struct hwrng *rng, void *data, size_t max, bool wait)
{
	struct vrng *vrng = container_of(rng, struct vrng, hwrng);
	const unsigned long now = jiffies;
	struct vrng_buf *open;
	bool enough;

	preempt_disable();
	open = rcu_dereference_sched(vrng->at_hand);
	enough = vrng_hwrng_has_more(vrng, open, max, now);
	if (likely(enough)) {
		vrng_buf_read(open, data, max);
		WRITE_ONCE(vrng->read_at, now);
	}
	preempt_enable();
	return likely(enough) ? max : vrng_hwrng_read_on(vrng, data, max, wait);
}

int vrng_hwrng_register(struct vrng *vrng, unsigned short quality)
{
	int err;

	vrng->index = ida_alloc(&vrng_hwrng_ida, GFP_KERNEL);
	if (vrng->index < 0)
		return vrng->index;
	if (vrng->index)
		snprintf(vrng->name, sizeof(vrng->name), "virtio.%d",
			 vrng->index);
	else
		strscpy(vrng->name, "virtio", sizeof(vrng->name));

	vrng->hwrng.name = vrng->name;
	vrng->hwrng.read = vrng_hwrng_read;
	vrng->hwrng.quality = quality;
	err = hwrng_register(&vrng->hwrng);
	if (err)
		ida_free(&vrng_hwrng_ida, vrng->index);
	return err;
}

void vrng_hwrng_unregister(struct vrng *vrng)
{
	hwrng_unregister(&vrng->hwrng);
	ida_free(&vrng_hwrng_ida, vrng->index);
}
