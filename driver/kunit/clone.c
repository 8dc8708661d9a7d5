// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: the VM is cloned, and the driver is notified. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>

#include "../vrng.h"
#include "compat.h"
#include "rig.h"
#include "suites.h"

/* Answers as many requests as the host held when this began, then holds. */
static void plan_answer_late(struct host *host, struct host_answer *answer)
{
	answer->hold = !host->lies;
	if (host->lies)
		host->lies--;
}

/*
 * The VM was cloned while the host had requests: their answers are the same in
 * each clone, and no reader gets them.
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

/* Could the next read return what was asked for before a fork? */
static bool clone_old_is_open(struct vrng *vrng)
{
	bool old;

	spin_lock_irq(&vrng->lock);
	old = vrng->open && vrng->open->generation != vrng->pool.generation;
	spin_unlock_irq(&vrng->lock);
	return old;
}

/*
 * Wait until no block of before the fork is in memory. No reader may get one
 * meanwhile: the core's own thread reads, too, and keeps no ledger.
 */
static void clone_expect_wiped(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng *vrng = rig->host.vdev.priv;
	const u64 first = rig->ledger.first;
	u32 ms;

	for (ms = 0; host_search_before(&rig->host, first); ms++) {
		KUNIT_ASSERT_LT(test, ms, RIG_PATIENCE_MS);
		KUNIT_ASSERT_FALSE(test, clone_old_is_open(vrng));
		usleep_range(500, 1000);
	}
}

/* What was open or ready when the VM was cloned is served to nobody. */
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
		clone_expect_wiped(test);
		/* What was asked for may arrive later, and falls then. */
		KUNIT_EXPECT_GT(test,
				rig_await_counter(test, "bytes_discarded",
						  discarded + 1),
				discarded);
		rig_read(test);
	}
	rig_expect_good_end(test);
}

/* Is all trimmed to what is kept at rest? */
static bool clone_is_at_rest(struct vrng *vrng)
{
	u32 unread;
	bool rests;

	spin_lock_irq(&vrng->lock);
	unread = vrng->open ? vrng_buf_unread(vrng->open) : 0;
	rests = !vrng->pool.posted &&
		unread + vrng->pool.ready_bytes == VRNG_REQUEST_MIN;
	spin_unlock_irq(&vrng->lock);
	return rests;
}

static bool clone_has_open(struct vrng *vrng)
{
	bool has;

	spin_lock_irq(&vrng->lock);
	has = vrng->open;
	spin_unlock_irq(&vrng->lock);
	return has;
}

/*
 * Let the reader stop, and wait until the driver is at rest with a buffer open.
 * None is open if the reader was waiting when it stopped, which is likely on a
 * busy machine: then it has to read and stop again.
 */
static void clone_rest(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng *vrng = rig->host.vdev.priv;
	u32 tries, ms;

	for (tries = 1;; tries++) {
		rig_expect_serving(test);
		reader_stop(&rig->reader);
		for (ms = 0; !clone_is_at_rest(vrng) && ms < RIG_PATIENCE_MS;
		     ms++)
			usleep_range(500, 1000);
		KUNIT_ASSERT_LT(test, ms, RIG_PATIENCE_MS);
		if (clone_has_open(vrng))
			break;
		KUNIT_ASSERT_LT(test, tries, 50u);
		rig_read(test);
	}
	kunit_info(test, "at rest with a buffer open after %u tries\n", tries);
}

/* The open buffer is wiped although nobody reads. */
static void device_when_cloned_at_rest_wipes_what_is_open(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng *vrng;
	u64 discarded;
	u32 rounds;

	rig_plug(test);
	vrng = rig->host.vdev.priv;
	for (rounds = 3; rounds; rounds--) {
		clone_rest(test);
		discarded = rig_counter(test, "bytes_discarded");
		ledger_forbid_past(&rig->ledger);
		vrng->fork.notifier_call(&vrng->fork, 0, NULL);
		clone_expect_wiped(test);
		KUNIT_EXPECT_GE(test, rig_counter(test, "bytes_discarded"),
				discarded + VRNG_REQUEST_MIN);
		rig_read(test);
	}
	rig_expect_good_end(test);
}

/* A fork notice that comes by an interrupt, as from some vmgenid drivers. */
struct clone_notice {
	struct hrtimer timer;
	struct rig *rig;
	struct completion done;
	u64 first; /* the host had written no block from this one on */
};

static enum hrtimer_restart clone_interrupt(struct hrtimer *timer)
{
	struct clone_notice *notice =
		container_of(timer, struct clone_notice, timer);
	struct vrng *vrng = notice->rig->host.vdev.priv;

	notice->first = READ_ONCE(notice->rig->host.stream.next);
	vrng->fork.notifier_call(&vrng->fork, 0, NULL);
	complete(&notice->done);
	return HRTIMER_NORESTART;
}

static void clone_notice_init(struct clone_notice *notice, struct rig *rig)
{
	notice->rig = rig;
	init_completion(&notice->done);
	compat_hrtimer_init(&notice->timer, clone_interrupt);
}

/* The interrupt comes while the reader is at work, which goes on. */
static void device_when_cloned_in_an_interrupt_forgets(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct clone_notice *notice;
	u32 rounds;

	notice = kunit_kzalloc(test, sizeof(*notice), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, notice);
	clone_notice_init(notice, rig);
	rig_plug(test);
	for (rounds = rig_rounds(); rounds; rounds--) {
		rig_expect_serving(test);
		reinit_completion(&notice->done);
		hrtimer_start(&notice->timer,
			      ns_to_ktime(host_random(&rig->host, 1000000)),
			      HRTIMER_MODE_REL_HARD);
		wait_for_completion(&notice->done);
		ledger_forbid_before(&rig->ledger, notice->first);
	}
	hrtimer_cancel(&notice->timer);
	rig_expect_good_end(test);
}

static struct kunit_case clone_cases[] = {
	KUNIT_CASE(device_when_cloned_forgets_what_was_asked),
	KUNIT_CASE(device_when_cloned_forgets_what_it_holds),
	KUNIT_CASE(device_when_cloned_at_rest_wipes_what_is_open),
	KUNIT_CASE(device_when_cloned_in_an_interrupt_forgets),
	{}
};

RIG_SUITE(clone);
