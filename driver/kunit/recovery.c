// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: devices that need a reset, and hosts that are silent. */
#include <linux/delay.h>
#include <linux/virtio_config.h>

#include "../vrng.h"
#include "rig.h"
#include "suites.h"

/*
 * After a reset there is one answer. The next request meets a device that needs a
 * reset, and does nothing until it gets one.
 */
static void plan_answer_and_fail(struct host *host, struct host_answer *answer)
{
	if (host->lies != host->resets) {
		host->lies = host->resets;
		return;
	}
	answer->hold = true;
	if (host->status & VIRTIO_CONFIG_S_NEEDS_RESET)
		return;
	host->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	host->config = true;
}

/* A device that needs a reset does nothing else. */
static void plan_fail(struct host *host, struct host_answer *answer)
{
	answer->hold = host->status & VIRTIO_CONFIG_S_NEEDS_RESET;
}

/* So long that no machine is too slow for it. */
#define RECOVERY_HOUR_MS (3600u * 1000)

/* The driver believes that the last recovery had to wait for @ms. */
static void recovery_set_delay(struct rig *rig, u32 ms, u64 served_ms)
{
	struct vrng *vrng = rig->host.vdev.priv;

	spin_lock_irq(&vrng->lock);
	vrng->recover_ms = ms;
	vrng->live_ms = vrng_now_ms() - served_ms;
	spin_unlock_irq(&vrng->lock);
}

/* Service for @ms ends the pause. Returns how long it was to be before. */
static u32 recovery_set_proven(struct rig *rig, u32 ms)
{
	struct vrng *vrng = rig->host.vdev.priv;

	spin_lock_irq(&vrng->lock);
	swap(vrng->proven_ms, ms);
	spin_unlock_irq(&vrng->lock);
	return ms;
}

static u32 recovery_delay(struct rig *rig)
{
	struct vrng *vrng = rig->host.vdev.priv;
	u32 ms;

	spin_lock_irq(&vrng->lock);
	ms = vrng->recover_ms;
	spin_unlock_irq(&vrng->lock);
	return ms;
}

/* How many waits for a byte have timed out in a row? */
static u32 recovery_waits(struct rig *rig)
{
	struct vrng *vrng = rig->host.vdev.priv;
	u32 waits;

	spin_lock_irq(&vrng->lock);
	waits = vrng->waits;
	spin_unlock_irq(&vrng->lock);
	return waits;
}

/*
 * A host that sends bytes before each failure is reset ever more seldom: the
 * pauses before seven resets are 0, 10, 20 and so on to 320 ms.
 */
static void device_when_it_fails_after_each_answer_waits(struct kunit *test)
{
	struct rig *rig = test->priv;
	u64 resets, start, ms;

	rig_plug_and_serve(test);
	recovery_set_delay(rig, 0, 0);
	resets = rig_counter(test, "device_resets") + 7;
	start = get_jiffies_64();
	host_set_plan(&rig->host, plan_answer_and_fail);
	KUNIT_EXPECT_GE(test, rig_await_counter(test, "device_resets", resets),
			resets);
	ms = rig_ms_since(start);
	kunit_info(test, "7 resets in %llu ms\n", ms);
	KUNIT_EXPECT_GE(test, ms, 630ull);
	rig_expect_good_end(test);
}

/* The pause before a recovery ends with some seconds of service, not before. */
static void
device_when_it_has_served_for_long_is_reset_at_once(struct kunit *test)
{
	struct rig *rig = test->priv;

	rig_plug_and_serve(test);
	KUNIT_EXPECT_EQ(test, recovery_set_proven(rig, RECOVERY_HOUR_MS),
			VRNG_PROVEN_MS);
	recovery_set_delay(rig, 40, RECOVERY_HOUR_MS / 2);
	rig_fail(test);
	KUNIT_EXPECT_EQ(test, recovery_delay(rig), 80u);

	rig_expect_serving(test);
	recovery_set_delay(rig, 40, RECOVERY_HOUR_MS);
	rig_fail(test);
	KUNIT_EXPECT_EQ(test, recovery_delay(rig), 10u);
	rig_expect_good_end(test);
}

/* The device needs two more resets before the first one is done. */
static void recovery_fail_thrice(struct kunit *test)
{
	struct rig *rig = test->priv;
	const u32 *needs = &rig->host.find_needs;
	u32 ms;

	rig_expect_serving(test);
	reader_stop(&rig->reader);
	recovery_set_delay(rig, 0, 0);
	rig->host.find_needs = 2;
	host_set_plan(&rig->host, plan_fail);
	host_need_reset(&rig->host);
	for (ms = 0; READ_ONCE(*needs) && ms < RIG_PATIENCE_MS; ms++)
		usleep_range(500, 1000);
	KUNIT_EXPECT_EQ(test, rig->host.find_needs, 0u);
}

/*
 * That is seen at once, not when a reader's wait ends, as that of the hwrng
 * core's thread. On a busy machine one may end meanwhile, but not each time.
 */
static void
device_when_it_fails_in_a_recovery_is_reset_again(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 at_once = 0;
	u32 rounds;

	rig_plug(test);
	for (rounds = 5; rounds; rounds--) {
		recovery_fail_thrice(test);
		at_once += !recovery_waits(rig);
		rig_read(test);
	}
	KUNIT_EXPECT_GE(test, at_once, 1u);
	rig_expect_good_end(test);
}

/* No interrupt tells of the failure: it is found when a wait ends. */
static void device_when_it_fails_quietly_is_reset(struct kunit *test)
{
	struct rig *rig = test->priv;

	rig_plug_and_serve(test);
	host_set_plan(&rig->host, plan_fail);
	host_need_reset_quietly(&rig->host);
	rig_silence(test);
	host_set_plan(&rig->host, plan_fail);
	KUNIT_EXPECT_TRUE(test,
			  reader_gets(&rig->reader, 4096, RIG_PATIENCE_MS));
	rig_expect_good_end(test);
}

/* The bus resets the device, and no driver is told, as on older kernels. */
static void device_when_the_bus_resets_it_is_started_again(struct kunit *test)
{
	struct rig *rig = test->priv;
	u64 starts;

	rig_plug_and_serve(test);
	starts = rig_starts(rig);
	host_lose_power(&rig->host);
	rig_await_start(test, starts);
	rig->host.strays = 0; /* kicks of a device that was off */
	rig_expect_good_end(test);
}

/* All reads as ones where a device was: a reset would never end. */
static void device_when_it_is_not_there_is_not_reset(struct kunit *test)
{
	struct rig *rig = test->priv;
	u64 resets;

	rig_plug_and_serve(test);
	rig_silence(test);
	resets = rig->host.resets;
	WRITE_ONCE(rig->host.status, 0xff);
	reader_gets(&rig->reader, U32_MAX, 2 * VRNG_WAIT_MS);
	KUNIT_EXPECT_EQ(test, rig->host.resets, resets);
	rig_expect_removal(test);
}

/* Let the host be silent, until more waits have timed out than are counted. */
static void recovery_await_silence(struct kunit *test)
{
	struct rig *rig = test->priv;
	const u32 waits = VRNG_SILENT_WAITS + 2;
	u32 waited;

	rig_silence(test);
	for (waited = 0; waited < 4 * waits; waited++) {
		if (recovery_waits(rig) >= waits)
			break;
		reader_gets(&rig->reader, U32_MAX, VRNG_WAIT_MS);
	}
	KUNIT_EXPECT_GE(test, recovery_waits(rig), waits);
}

/* A silence is an error, and one however long it lasts. */
static void host_when_silent_is_counted_once(struct kunit *test)
{
	u64 silences;

	rig_plug_and_serve(test);
	for (silences = 1; silences <= 2; silences++) {
		recovery_await_silence(test);
		KUNIT_EXPECT_EQ(test, rig_counter(test, "device_errors"),
				silences);
		rig_expect_serving(test);
	}
	rig_expect_removal(test);
}

static struct kunit_case recovery_cases[] = {
	KUNIT_CASE(device_when_it_fails_after_each_answer_waits),
	KUNIT_CASE(device_when_it_has_served_for_long_is_reset_at_once),
	KUNIT_CASE(device_when_it_fails_in_a_recovery_is_reset_again),
	KUNIT_CASE(device_when_it_fails_quietly_is_reset),
	KUNIT_CASE(device_when_the_bus_resets_it_is_started_again),
	KUNIT_CASE(device_when_it_is_not_there_is_not_reset),
	KUNIT_CASE(host_when_silent_is_counted_once),
	{}
};

RIG_SUITE(recovery);
