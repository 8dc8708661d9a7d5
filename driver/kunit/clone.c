// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: a VM that is cloned, of which the driver is told. */
#include <linux/delay.h>

#include "../vrng.h"
#include "rig.h"
#include "suites.h"

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
	for (rounds = rig_rounds(); rounds; rounds--) {
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
		rig_read(test);
	}
	rig_expect_good_end(test);
}

/* Could the next read be of what was asked for before a fork? */
static bool clone_old_is_at_hand(struct vrng *vrng)
{
	bool old;

	spin_lock_irq(&vrng->vq_lock);
	old = rcu_access_pointer(vrng->at_hand) &&
	      vrng->open->generation != vrng->pool.generation;
	spin_unlock_irq(&vrng->vq_lock);
	return old;
}

/*
 * Until the host's blocks of before the fork are nowhere any more. Nobody may
 * get them meanwhile, and the core's own thread keeps no ledger.
 */
static void clone_expect_wiped(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng *vrng = rig->host.vdev.priv;
	const u64 first = rig->ledger.first;
	u32 ms;

	for (ms = 0; host_search_before(&rig->host, first); ms++) {
		KUNIT_ASSERT_LT(test, ms, RIG_PATIENCE_MS);
		KUNIT_ASSERT_FALSE(test, clone_old_is_at_hand(vrng));
		usleep_range(500, 1000);
	}
}

/* Data that was at hand or ready when the VM was cloned is gone for all. */
static void device_when_cloned_forgets_what_it_holds(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng *vrng;
	u64 discarded;
	u32 rounds;

	rig_plug(test);
	vrng = rig->host.vdev.priv;
	for (rounds = 3; rounds; rounds--) {
		rig_expect_serving(test);
		reader_stop(&rig->reader);
		discarded = rig_counter(test, "bytes_discarded");
		ledger_forbid_past(&rig->ledger);
		vrng->fork.notifier_call(&vrng->fork, 0, NULL);
		/* What was at hand is wiped when no reader can be at it. */
		clone_expect_wiped(test);
		KUNIT_EXPECT_GT(test, rig_counter(test, "bytes_discarded"),
				discarded);
		rig_read(test);
	}
	rig_expect_good_end(test);
}

/* A buffer at hand, of which the rest left less than it came with? */
static bool clone_is_at_rest(struct vrng *vrng)
{
	bool rests;

	spin_lock_irq(&vrng->vq_lock);
	rests = rcu_access_pointer(vrng->at_hand) && !vrng->pool.posted &&
		vrng_buf_unread(vrng->open) + vrng->pool.ready_bytes ==
			VRNG_REQUEST_MIN;
	spin_unlock_irq(&vrng->vq_lock);
	return rests;
}

/* Is what is left of before the fork about to be looked at, or gone? */
static bool clone_is_dealt_with(struct vrng *vrng)
{
	bool dealt_with;

	spin_lock_irq(&vrng->vq_lock);
	dealt_with = vrng->settle_now || !vrng->open ||
		     vrng->open->generation == vrng->pool.generation;
	spin_unlock_irq(&vrng->vq_lock);
	return dealt_with;
}

/* The open buffer is nobody's to wipe where nobody reads: it is so at once. */
static void device_when_cloned_at_rest_wipes_what_is_open(struct kunit *test)
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
		for (ms = 0; !clone_is_at_rest(vrng) && ms < RIG_PATIENCE_MS;
		     ms++)
			usleep_range(500, 1000);
		KUNIT_ASSERT_LT(test, ms, RIG_PATIENCE_MS);
		discarded = rig_counter(test, "bytes_discarded");
		ledger_forbid_past(&rig->ledger);
		vrng->fork.notifier_call(&vrng->fork, 0, NULL);
		KUNIT_EXPECT_TRUE(test, clone_is_dealt_with(vrng));
		clone_expect_wiped(test);
		KUNIT_EXPECT_GE(test, rig_counter(test, "bytes_discarded"),
				discarded + VRNG_REQUEST_MIN);
		rig_read(test);
	}
	rig_expect_good_end(test);
}

static struct kunit_case clone_cases[] = {
	KUNIT_CASE(device_when_cloned_forgets_what_was_asked),
	KUNIT_CASE(device_when_cloned_forgets_what_it_holds),
	KUNIT_CASE(device_when_cloned_at_rest_wipes_what_is_open),
	{}
};

RIG_SUITE(clone);
