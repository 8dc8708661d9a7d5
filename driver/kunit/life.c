// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: a device that comes, goes, sleeps, or is not to be had. */
#include <linux/delay.h>
#include <linux/reboot.h>
#include <linux/slab.h>
#include <linux/virtio_config.h>

#include "../vrng.h"
#include "rig.h"
#include "suites.h"

/* Rounds of coming and going, of which each takes milliseconds. */
static u32 life_rounds(void)
{
	return 10 + rig_completions() / 50;
}

/* For a while all goes its way; now and then the device breaks down. */
static void life_goes_on(struct rig *rig)
{
	usleep_range(1, 1 + host_random(&rig->host, 3000));
	if (host_random(&rig->host, 4))
		return;
	host_need_reset(&rig->host);
	usleep_range(1, 1 + host_random(&rig->host, 300));
}

static void device_when_removed_in_mid_air_is_gone(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 rounds;

	rig->host.delay_ns = 200000;
	rig_plug(test);
	for (rounds = life_rounds(); rounds; rounds--) {
		KUNIT_ASSERT_TRUE(test, rig_is_bound(rig));
		life_goes_on(rig);
		host_remove(&rig->host);
		KUNIT_EXPECT_EQ(test, host_search(&rig->host), 0u);
		KUNIT_ASSERT_EQ(test, host_add(&rig->host), 0);
	}
	rig_expect_serving(test);
	rig_expect_removal(test);
	KUNIT_EXPECT_GT(test, rig->reader.errors, 0ull);
}

/* As a transport says that the device has been torn out. */
static void device_when_torn_out_is_gone(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 rounds;

	rig->host.delay_ns = 200000;
	rig_plug(test);
	for (rounds = life_rounds(); rounds; rounds--) {
		life_goes_on(rig);
		virtio_break_device(&rig->host.vdev);
		usleep_range(1, 1 + host_random(&rig->host, 3000));
		host_remove(&rig->host);
		KUNIT_EXPECT_EQ(test, host_search(&rig->host), 0u);
		KUNIT_ASSERT_EQ(test, host_add(&rig->host), 0);
	}
	rig_expect_serving(test);
	rig_expect_removal(test);
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
	rig_plug(test);
	rig_expect_serving(test);
	rig_expect_removal(test);
}

static bool life_can_fail_allocations(void)
{
	void *memory = NULL;

#ifdef CONFIG_FAULT_INJECTION
	current->fail_nth = 1;
	memory = kmalloc(64, GFP_KERNEL);
	current->fail_nth = 0;
	if (!memory)
		return true;
#endif
	kfree(memory);
	return false;
}

static void life_expect_bound_or_clean(struct kunit *test)
{
	struct rig *rig = test->priv;

	if (rig_is_bound(rig)) {
		KUNIT_ASSERT_EQ(test, reader_start(&rig->reader, &rig->ledger),
				0);
		rig_expect_serving(test);
		rig_expect_removal(test);
		return;
	}
	KUNIT_EXPECT_FALSE(test, rig_is_available("virtio"));
	KUNIT_EXPECT_FALSE(test, rig->host.running);
	KUNIT_EXPECT_TRUE(test, !rig->host.vq);
	host_remove(&rig->host);
}

/* The first allocation of probe fails, then the second, until none does. */
static void device_when_memory_is_short_is_left_alone(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 unbound = 0;
	int nth = 0;

	if (!life_can_fail_allocations())
		kunit_skip(test, "failslab spares allocations that may sleep");
	do {
		rig->host.fail_nth = ++nth;
		KUNIT_ASSERT_EQ(test, host_add(&rig->host), 0);
		unbound += !rig_is_bound(rig);
		life_expect_bound_or_clean(test);
	} while (!rig->host.fail_left && nth < 1000);

	kunit_info(test, "%d allocations, %u needed\n", nth - 1, unbound);
	KUNIT_EXPECT_LT(test, nth, 1000);
	KUNIT_EXPECT_GT(test, unbound, 3u);
}

/* Answers as many as were asked for when it began; then it holds. */
static void plan_answer_late(struct host *host, struct host_answer *answer)
{
	answer->hold = !host->lies;
	if (host->lies)
		host->lies--;
}

/*
 * The VM was cloned while requests were on their way: what comes for those is
 * the same in each clone, and not for any reader.
 */
static void device_when_cloned_forgets_what_was_asked(struct kunit *test)
{
	struct rig *rig = test->priv;
	const u64 *lies = &rig->host.lies;
	struct vrng *vrng;
	u32 rounds, ms;

	rig_plug(test);
	vrng = rig->host.vdev.priv;
	for (rounds = life_rounds(); rounds; rounds--) {
		rig_expect_serving(test);
		rig_silence(test);
		reader_stop(&rig->reader);
		KUNIT_ASSERT_GT(test, rig->host.holds, 0u);
		rig->host.lies = rig->host.holds;
		vrng->fork.notifier_call(&vrng->fork, 0, NULL);
		host_set_plan(&rig->host, plan_answer_late);
		for (ms = 0; READ_ONCE(*lies) && ms < RIG_PATIENCE_MS; ms++)
			usleep_range(500, 1000);
		KUNIT_ASSERT_EQ(test, rig->host.lies, 0ull);
		ledger_forbid_past(&rig->ledger);
		KUNIT_ASSERT_EQ(test, reader_start(&rig->reader, &rig->ledger),
				0);
	}
	rig_expect_serving(test);
	rig_expect_removal(test);
}

/* Could the next read be of what was asked for before a fork? */
static bool life_old_is_at_hand(struct vrng *vrng)
{
	bool old;

	spin_lock_irq(&vrng->vq_lock);
	old = rcu_access_pointer(vrng->at_hand) &&
	      vrng->open->generation != vrng->pool.generation;
	spin_unlock_irq(&vrng->vq_lock);
	return old;
}

/* Data that was at hand or ready when the VM was cloned is gone for all. */
static void device_when_cloned_forgets_what_it_holds(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng *vrng;
	u64 discarded;
	u32 rounds, ms;

	rig_plug(test);
	vrng = rig->host.vdev.priv;
	for (rounds = 3; rounds; rounds--) {
		rig_expect_serving(test);
		reader_stop(&rig->reader);
		discarded = rig_counter(test, "bytes_discarded");
		ledger_forbid_past(&rig->ledger);
		vrng->fork.notifier_call(&vrng->fork, 0, NULL);
		KUNIT_EXPECT_FALSE(test, life_old_is_at_hand(vrng));
		/* What was at hand is wiped when no reader can be at it. */
		for (ms = 0;
		     host_search_before(&rig->host, rig->ledger.first) &&
		     ms < RIG_PATIENCE_MS;
		     ms++)
			usleep_range(500, 1000);
		KUNIT_EXPECT_LT(test, ms, RIG_PATIENCE_MS);
		KUNIT_EXPECT_GT(test, rig_counter(test, "bytes_discarded"),
				discarded);
		KUNIT_ASSERT_EQ(test, reader_start(&rig->reader, &rig->ledger),
				0);
	}
	rig_expect_serving(test);
	rig_expect_removal(test);
}

#ifdef CONFIG_PM_SLEEP
static void device_when_frozen_forgets_and_goes_on(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 rounds;

	rig->host.delay_ns = 200000;
	rig_plug(test);
	for (rounds = life_rounds(); rounds; rounds--) {
		life_goes_on(rig);
		KUNIT_ASSERT_EQ(test, virtio_device_freeze(&rig->host.vdev), 0);
		KUNIT_EXPECT_FALSE(test, rig->host.running);
		KUNIT_EXPECT_EQ(test, host_search(&rig->host), 0u);
		ledger_forbid_past(&rig->ledger);
		usleep_range(1, 1 + host_random(&rig->host, 1000));
		KUNIT_ASSERT_EQ(test, virtio_device_restore(&rig->host.vdev),
				0);
	}
	rig_expect_serving(test);
	rig_expect_removal(test);
}

static void device_when_frozen_lets_a_killed_reader_go(struct kunit *test)
{
	struct rig *rig = test->priv;

	rig_plug(test);
	rig_expect_serving(test);
	KUNIT_ASSERT_EQ(test, virtio_device_freeze(&rig->host.vdev), 0);
	reader_gets(&rig->reader, U32_MAX, 100);
	KUNIT_EXPECT_LT(test, reader_stop(&rig->reader),
			1ull * VRNG_WAIT_MS / 2);
	KUNIT_ASSERT_EQ(test, virtio_device_restore(&rig->host.vdev), 0);
	KUNIT_ASSERT_EQ(test, reader_start(&rig->reader, &rig->ledger), 0);
	rig_expect_serving(test);
	rig_expect_removal(test);
}

static void device_when_not_restored_is_removed(struct kunit *test)
{
	struct rig *rig = test->priv;

	rig_plug(test);
	rig_expect_serving(test);
	KUNIT_ASSERT_EQ(test, virtio_device_freeze(&rig->host.vdev), 0);
	rig->host.find_error = -ENOMEM;
	KUNIT_EXPECT_EQ(test, virtio_device_restore(&rig->host.vdev), -ENOMEM);
	reader_gets(&rig->reader, U32_MAX, 100);
	rig_expect_removal(test);
}
#endif

/*
 * The machine goes down: the device is left alone from then on, also by one who
 * finds its queue broken, as the virtio core then leaves it.
 */
static void device_when_the_machine_goes_down_is_quiet(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng *vrng;
	u64 kicks, resets;

	rig->host.delay_ns = 200000;
	rig_plug(test);
	rig_expect_serving(test);
	vrng = rig->host.vdev.priv;
	vrng->reboot.notifier_call(&vrng->reboot, SYS_RESTART, NULL);
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
 * At rest, 64 unread bytes are held at most, and nothing that was read: after
 * the first rest as after the next one, which is not to wait for what expires.
 */
static void device_at_rest_holds_little(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 rests, found, ms;

	rig_plug(test);
	for (rests = 3; rests; rests--) {
		KUNIT_EXPECT_TRUE(test, reader_gets(&rig->reader, 1 << 20,
						    RIG_PATIENCE_MS));
		reader_stop(&rig->reader);
		found = U32_MAX;
		for (ms = 0; found > 8 && ms < RIG_PATIENCE_MS; ms += 50) {
			msleep_interruptible(50);
			found = host_search(&rig->host);
		}
		KUNIT_EXPECT_LE(test, found, 8u);
		rig_expect_clean(test);
		KUNIT_ASSERT_EQ(test, reader_start(&rig->reader, &rig->ledger),
				0);
	}
	rig_expect_removal(test);
}

static struct kunit_case life_cases[] = {
	KUNIT_CASE(device_when_removed_in_mid_air_is_gone),
	KUNIT_CASE(device_when_torn_out_is_gone),
	KUNIT_CASE(device_without_a_queue_is_left_alone),
	KUNIT_CASE(device_when_memory_is_short_is_left_alone),
	KUNIT_CASE(device_when_cloned_forgets_what_was_asked),
	KUNIT_CASE(device_when_cloned_forgets_what_it_holds),
#ifdef CONFIG_PM_SLEEP
	KUNIT_CASE(device_when_frozen_forgets_and_goes_on),
	KUNIT_CASE(device_when_frozen_lets_a_killed_reader_go),
	KUNIT_CASE(device_when_not_restored_is_removed),
#endif
	KUNIT_CASE(device_when_the_machine_goes_down_is_quiet),
	KUNIT_CASE(device_at_rest_holds_little),
	{}
};

struct kunit_suite vrng_life_suite = {
	.name = "vrng_life",
	.suite_init = rig_suite_init,
	.suite_exit = rig_suite_exit,
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = life_cases,
};
