// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: a device is added, removed, frozen, restored, or fails to start. */
#include <linux/delay.h>
#include <linux/sizes.h>
#include <linux/virtio_config.h>

#include "../vrng.h"
#include "compat.h"
#include "rig.h"
#include "suites.h"

/* Let the reader read for a while. Every fourth time the device fails. */
static void life_goes_on(struct rig *rig)
{
	usleep_range(1, 1 + host_random(&rig->host, 3000));
	if (host_random(&rig->host, 4))
		return;
	host_need_reset(&rig->host);
	usleep_range(1, 1 + host_random(&rig->host, 300));
}

/* The device is removed under its reader. @torn: its queue breaks first. */
static void life_comes_and_goes(struct kunit *test, bool torn)
{
	struct rig *rig = test->priv;
	u32 rounds;

	rig->host.delay_ns = 200000;
	rig_plug(test);
	for (rounds = rig_rounds(); rounds; rounds--) {
		KUNIT_ASSERT_TRUE(test, rig_is_bound(rig));
		life_goes_on(rig);
		if (torn) {
			virtio_break_device(&rig->host.vdev);
			usleep_range(1, 1 + host_random(&rig->host, 3000));
		}
		host_remove(&rig->host);
		KUNIT_EXPECT_EQ(test, host_search(&rig->host), 0u);
		KUNIT_ASSERT_EQ(test, host_add(&rig->host), 0);
	}
	rig_expect_good_end(test);
	KUNIT_EXPECT_GT(test, rig->reader.errors, 0ull);
}

static void device_when_removed_in_mid_air_is_gone(struct kunit *test)
{
	life_comes_and_goes(test, false);
}

static void device_when_torn_out_is_gone(struct kunit *test)
{
	life_comes_and_goes(test, true);
}

static void device_without_a_queue_is_left_alone(struct kunit *test)
{
	static const int errors[] = { -ENOMEM, -ENOENT, -EIO };
	struct rig *rig = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		rig->host.find_error = errors[i];
		KUNIT_ASSERT_EQ(test, host_add(&rig->host), 0);
		KUNIT_EXPECT_FALSE(test, rig_is_bound(rig));
		KUNIT_EXPECT_FALSE(test, rig_is_available("virtio"));
		host_remove(&rig->host);
	}
	rig->host.find_error = 0;
	rig_plug_and_serve(test);
	rig_expect_removal(test);
}

#ifdef CONFIG_PM_SLEEP
static void device_when_frozen_forgets_and_goes_on(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 rounds;

	rig->host.delay_ns = 200000;
	rig_plug(test);
	for (rounds = rig_rounds(); rounds; rounds--) {
		life_goes_on(rig);
		KUNIT_ASSERT_EQ(test, virtio_device_freeze(&rig->host.vdev), 0);
		KUNIT_EXPECT_FALSE(test, rig->host.running);
		KUNIT_EXPECT_EQ(test, host_search(&rig->host), 0u);
		ledger_forbid_past(&rig->ledger);
		usleep_range(1, 1 + host_random(&rig->host, 1000));
		KUNIT_ASSERT_EQ(test, virtio_device_restore(&rig->host.vdev),
				0);
	}
	rig_expect_good_end(test);
}

/*
 * It does not wait for its bound. On a busy machine it may take as long, but
 * seldom.
 */
static void device_when_frozen_lets_a_killed_reader_go(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 quick = 0;
	u32 i;

	rig_plug(test);
	for (i = 0; i < 5; i++) {
		rig_expect_serving(test);
		KUNIT_ASSERT_EQ(test, virtio_device_freeze(&rig->host.vdev), 0);
		reader_gets(&rig->reader, U32_MAX, 100);
		quick += reader_stop(&rig->reader) < VRNG_WAIT_MS / 2;
		KUNIT_ASSERT_EQ(test, virtio_device_restore(&rig->host.vdev),
				0);
		rig_read(test);
	}
	KUNIT_EXPECT_GE(test, quick, 2u);
	rig_expect_good_end(test);
}

static void device_when_not_restored_is_removed(struct kunit *test)
{
	struct rig *rig = test->priv;

	rig_plug_and_serve(test);
	KUNIT_ASSERT_EQ(test, virtio_device_freeze(&rig->host.vdev), 0);
	rig->host.find_error = -ENOMEM;
	KUNIT_EXPECT_EQ(test, virtio_device_restore(&rig->host.vdev), -ENOMEM);
	reader_gets(&rig->reader, U32_MAX, 100);
	rig_expect_removal(test);
}
#endif

#ifdef HAVE_RESET_HOOKS
/* The bus resets the device, in a failure, too: it forgets and goes on. */
static void device_when_the_bus_tells_of_a_reset_goes_on(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct virtio_device *vdev = &rig->host.vdev;
	u32 rounds;

	rig->host.delay_ns = 200000;
	rig_plug(test);
	for (rounds = rig_rounds(); rounds; rounds--) {
		life_goes_on(rig);
		KUNIT_ASSERT_EQ(test, virtio_device_reset_prepare(vdev), 0);
		host_lose_power(&rig->host);
		KUNIT_EXPECT_EQ(test, host_search(&rig->host), 0u);
		ledger_forbid_past(&rig->ledger);
		usleep_range(1, 1 + host_random(&rig->host, 1000));
		KUNIT_ASSERT_EQ(test, virtio_device_reset_done(vdev), 0);
	}
	rig_expect_good_end(test);
}

/* The device cannot be set up after a reset of the bus, but later. */
static void
device_when_not_back_after_a_reset_is_tried_again(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct virtio_device *vdev = &rig->host.vdev;

	rig_plug_and_serve(test);
	KUNIT_ASSERT_EQ(test, virtio_device_reset_prepare(vdev), 0);
	rig->host.find_error = -ENOMEM;
	KUNIT_EXPECT_EQ(test, virtio_device_reset_done(vdev), -ENOMEM);
	reader_gets(&rig->reader, U32_MAX, 100);
	rig->host.find_error = 0;
	rig_expect_good_end(test);
}
#endif

/*
 * The machine goes down: the driver does not touch the device any more, even
 * when it finds the queue broken, as the virtio core leaves it then.
 */
static void device_when_the_machine_goes_down_is_quiet(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng *vrng;
	u64 kicks, resets;

	rig->host.delay_ns = 200000;
	rig_plug_and_serve(test);
	vrng = rig->host.vdev.priv;
	compat_go_down(vrng);
	kicks = rig->host.kicks;
	resets = rig->host.resets;
	KUNIT_EXPECT_FALSE(test, rig->host.running);
	KUNIT_EXPECT_EQ(test, host_search(&rig->host), 0u);

	virtio_break_device(&rig->host.vdev);
	host_need_reset(&rig->host);
	reader_gets(&rig->reader, U32_MAX, 300);
	KUNIT_EXPECT_FALSE(test, rig->host.running);
	KUNIT_EXPECT_EQ(test, rig->host.kicks, kicks);
	KUNIT_EXPECT_EQ(test, rig->host.resets, resets);
	rig_expect_removal(test);
}

/*
 * At rest the driver holds at most 64 unread bytes, and no byte that was read.
 * This holds for each rest: a later one does not wait until bytes expire.
 */
static void device_at_rest_holds_little(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 rests, found, ms;

	rig_plug(test);
	for (rests = 3; rests; rests--) {
		rig_expect_bytes(test, 1 << 20);
		reader_stop(&rig->reader);
		found = U32_MAX;
		for (ms = 0; found > 8 && ms < RIG_PATIENCE_MS; ms += 50) {
			msleep_interruptible(50);
			found = host_search(&rig->host);
		}
		KUNIT_EXPECT_LE(test, found, 8u);
		rig_expect_clean(test);
		rig_read(test);
	}
	rig_expect_removal(test);
}

/* Is all trimmed to what is kept at rest, and nothing asked for? */
static bool life_rests(struct vrng *vrng)
{
	bool rests;

	spin_lock_irq(&vrng->lock);
	rests = !vrng->pool.posted &&
		vrng_pool_ahead(&vrng->pool) == VRNG_REQUEST_MIN;
	spin_unlock_irq(&vrng->lock);
	return rests;
}

/* A timer that would wake a processor. */
static bool life_has_timer(struct vrng *vrng)
{
	return timer_pending(&vrng->settle.timer) ||
	       timer_pending(&vrng->recover.timer);
}

/*
 * At rest no timer of the driver runs, also after a short read. What expires does so
 * when a processor is awake for something else.
 */
static void device_at_rest_wakes_nobody(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng *vrng;
	u8 bytes[64];
	u32 ms;

	rig_plug(test);
	vrng = rig->host.vdev.priv;
	KUNIT_EXPECT_TRUE(test, vrng->expire.timer.flags & TIMER_DEFERRABLE);
	vrng->generation.sign =
		VRNG_SIGN_NOTIFIER; /* so that 64 bytes are kept */
	rig_expect_bytes(test, 1 << 20);
	reader_stop(&rig->reader);
	for (ms = 0; life_has_timer(vrng) || !life_rests(vrng); ms += 10) {
		KUNIT_ASSERT_LT(test, ms, RIG_PATIENCE_MS);
		msleep_interruptible(10);
	}
	msleep_interruptible(2 * VRNG_STREAM_GAP_MS);
	KUNIT_EXPECT_EQ(test, vrng->hwrng.read(&vrng->hwrng, bytes, 64, false),
			64);
	for (ms = 0; ms < 300; ms += 10) {
		KUNIT_ASSERT_FALSE(test, life_has_timer(vrng));
		msleep_interruptible(10);
	}
	rig_expect_removal(test);
}

/* A reader that takes 32 bytes now and then finds them, and makes none be dropped. */
static void device_when_read_now_and_then_drops_nothing(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng *vrng;
	u64 discarded;
	u8 bytes[32];
	u32 i;

	KUNIT_ASSERT_EQ(test, host_add(&rig->host), 0);
	vrng = rig->host.vdev.priv;
	vrng->generation.sign =
		VRNG_SIGN_NOTIFIER; /* so that 64 bytes are kept */
	msleep_interruptible(VRNG_SETTLE_MS);
	vrng->hwrng.read(&vrng->hwrng, bytes, sizeof(bytes), true);
	discarded = rig_counter(test, "bytes_discarded");
	for (i = 0; i < 5; i++) {
		msleep_interruptible(VRNG_SETTLE_MS - 20 + 10 * i);
		KUNIT_EXPECT_EQ(test,
				vrng->hwrng.read(&vrng->hwrng, bytes,
						 sizeof(bytes), false),
				32);
	}
	KUNIT_EXPECT_EQ(test, rig_counter(test, "bytes_discarded"), discarded);
	host_remove(&rig->host);
}

/* The most that is read ahead by default. */
#define LIFE_AHEAD_MAX SZ_512K

/*
 * A device that is read little has one small buffer, and more when it is read.
 * A reader that pauses, as on a busy machine, has to read more until it has
 * them all.
 */
static void device_when_little_is_read_has_one_buffer(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng *vrng;
	const u32 *size;
	u32 mib;

	KUNIT_ASSERT_EQ(test, host_add(&rig->host), 0);
	vrng = rig->host.vdev.priv;
	size = &vrng->pool.buffer_size;
	KUNIT_EXPECT_EQ(test, vrng->pool.depth, 1u);
	KUNIT_EXPECT_EQ(test, vrng->pool.buffer_size, VRNG_REQUEST_MIN);
	rig_read(test);
	rig_expect_serving(test);
	for (mib = 0; mib < 50; mib++) {
		rig_expect_bytes(test, 1 << 20);
		if (READ_ONCE(*size) * rig->host.size >= LIFE_AHEAD_MAX)
			break;
	}
	kunit_info(test, "all buffers after %u MiB\n", mib + 1);
	KUNIT_EXPECT_EQ(test, vrng->pool.depth, rig->host.size);
	KUNIT_EXPECT_EQ(test, vrng->pool.depth * vrng->pool.buffer_size,
			LIFE_AHEAD_MAX);
	rig_expect_removal(test);
}

static struct kunit_case life_cases[] = {
	KUNIT_CASE(device_when_removed_in_mid_air_is_gone),
	KUNIT_CASE(device_when_torn_out_is_gone),
	KUNIT_CASE(device_without_a_queue_is_left_alone),
#ifdef CONFIG_PM_SLEEP
	KUNIT_CASE(device_when_frozen_forgets_and_goes_on),
	KUNIT_CASE(device_when_frozen_lets_a_killed_reader_go),
	KUNIT_CASE(device_when_not_restored_is_removed),
#endif
#ifdef HAVE_RESET_HOOKS
	KUNIT_CASE(device_when_the_bus_tells_of_a_reset_goes_on),
	KUNIT_CASE(device_when_not_back_after_a_reset_is_tried_again),
#endif
	KUNIT_CASE(device_when_the_machine_goes_down_is_quiet),
	KUNIT_CASE(device_at_rest_holds_little),
	KUNIT_CASE(device_at_rest_wakes_nobody),
	KUNIT_CASE(device_when_read_now_and_then_drops_nothing),
	KUNIT_CASE(device_when_little_is_read_has_one_buffer),
	{}
};

RIG_SUITE(life);
