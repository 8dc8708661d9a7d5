// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the hwrng core calls. The core calls read() with 64 bytes, one call at a
 * time, for the readers of /dev/hwrng and for its own thread.
 */
#include <linux/device.h>
#include <linux/idr.h>
#include <linux/sched.h>

#include "vrng.h"

static DEFINE_IDA(vrng_hwrng_ida);

/* Wait for an interrupt, at most @left jiffies. Negative for a signal. */
static long vrng_hwrng_wait(struct vrng *vrng, long left)
{
	const bool *signalled = &vrng->signalled;

	left = vrng_queue_arm(vrng, left);
	if (!left)
		return 0;
	return wait_event_interruptible_timeout(vrng->wait,
						READ_ONCE(*signalled), left);
}

/*
 * Wait for data until @deadline. Returns 0 to look again, -ETIME after the
 * deadline, -ENODEV while the device is removed, -ERESTARTSYS for a signal.
 */
static long vrng_hwrng_wait_until(struct vrng *vrng, unsigned long deadline)
{
	const unsigned long now = jiffies;

	if (READ_ONCE(vrng->state) == VRNG_GONE) {
		/* The core calls again until it has unregistered us: no spin. */
		schedule_timeout_interruptible(1);
		return -ENODEV;
	}
	if (time_after_eq(now, deadline))
		return -ETIME;
	return min(vrng_hwrng_wait(vrng, deadline - now), 0L);
}

/*
 * Wait until all @max bytes are there, a signal comes, the device is removed,
 * or the host was silent for VRNG_WAIT_MS. After 0 the core calls again, and
 * another device may be the current one by then.
 */
static noinline int vrng_hwrng_read_slow(struct vrng *vrng, u8 *dst, size_t max,
					 size_t done)
{
	const unsigned long deadline = jiffies + msecs_to_jiffies(VRNG_WAIT_MS);
	long err;

	/* Read after each wait: it takes bytes back if there was a fork. */
	do {
		err = vrng_hwrng_wait_until(vrng, deadline);
		done = vrng_read(vrng, dst, done, max);
	} while (done < max && !err);
	WRITE_ONCE(vrng->waiting, false);
	if (err == -ETIME) {
		vrng_report_timed_out(vrng);
		vrng_recover_check_later(vrng);
	}
	return !done && err == -ERESTARTSYS ? err : done;
}

static int vrng_hwrng_read(struct hwrng *rng, void *data, size_t max, bool wait)
{
	struct vrng *vrng = container_of(rng, struct vrng, hwrng);
	const bool *outgrown = &vrng->pool.outgrown;
	const size_t done = vrng_read(vrng, data, 0, max);

	if (unlikely(READ_ONCE(*outgrown))) {
		vrng_bufs_grow(vrng);
		vrng_queue_ask(vrng);
	}
	if (likely(done == max || !wait))
		return done;
	return vrng_hwrng_read_slow(vrng, data, max, done);
}

/* The core begins to use the device. */
static int vrng_hwrng_init(struct hwrng *rng)
{
	struct vrng *vrng = container_of(rng, struct vrng, hwrng);
	const int err = vrng_bufs_begin(vrng);

	if (!err)
		vrng_queue_ask(vrng);
	return err;
}

/* The core uses another device from now on. */
static void vrng_hwrng_cleanup(struct hwrng *rng)
{
	struct vrng *vrng = container_of(rng, struct vrng, hwrng);

	vrng_discard_unused(vrng);
	vrng_bufs_end(vrng);
}

int vrng_hwrng_register(struct vrng *vrng, unsigned short quality,
			bool in_tree_names)
{
	int err;

	vrng->index = ida_alloc(&vrng_hwrng_ida, GFP_KERNEL);
	if (vrng->index < 0)
		return vrng->index;
	if (in_tree_names)
		snprintf(vrng->name, sizeof(vrng->name), "virtio_rng.%d",
			 vrng->index);
	else if (vrng->index)
		snprintf(vrng->name, sizeof(vrng->name), "virtio.%d",
			 vrng->index);
	else
		strscpy(vrng->name, "virtio", sizeof(vrng->name));

	vrng->hwrng.name = vrng->name;
	vrng->hwrng.init = vrng_hwrng_init;
	vrng->hwrng.cleanup = vrng_hwrng_cleanup;
	vrng->hwrng.read = vrng_hwrng_read;
	vrng->hwrng.quality = quality;
	err = hwrng_register(&vrng->hwrng);
	if (err == -EEXIST)
		dev_err(&vrng->vdev->dev,
			"%s: another hwrng has this name; unload its driver\n",
			vrng->name);
	if (err)
		ida_free(&vrng_hwrng_ida, vrng->index);
	return err;
}

void vrng_hwrng_unregister(struct vrng *vrng)
{
	hwrng_unregister(&vrng->hwrng);
	ida_free(&vrng_hwrng_ida, vrng->index);
}
