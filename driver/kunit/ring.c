// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: hosts with odd or wrong rings, or with spurious interrupts. */
#include <linux/delay.h>
#include <linux/virtio_config.h>

#include "../vrng.h"
#include "rig.h"
#include "suites.h"

static void plan_id_out_of_range(struct host *host, struct host_answer *answer)
{
	if (host_random(host, 16))
		return;
	answer->id = host->size + host_random(host, 4);
	if (host_random(host, 2))
		answer->id = 0xffffffff - host_random(host, 4);
	host->lies++;
}

static void plan_id_wrong(struct host *host, struct host_answer *answer)
{
	if (host_random(host, 16))
		return;
	answer->id = host_random(host, host->size);
	host->lies++;
}

static void plan_id_repeated(struct host *host, struct host_answer *answer)
{
	if (host_random(host, 16))
		return;
	answer->id = host->last;
	host->lies++;
}

/*
 * Says in the descriptor that another one follows, and fills but does not
 * answer other buffers until the driver uses that descriptor again or has a new
 * ring. Where the ring code takes flags from memory that the host can write, it
 * frees the descriptor that followed in its list.
 */
static void plan_linked(struct host *host, struct host_answer *answer)
{
	const __virtio16 next = cpu_to_virtio16(&host->vdev, VRING_DESC_F_NEXT);

	if (host->vring.desc[host->last].flags & next) {
		answer->hold = true;
		stream_fill(&host->stream, answer->data, answer->asked);
		return;
	}
	if (host_random(host, 16))
		return;
	host->vring.desc[answer->id].flags |= next;
	host->lies++;
}

static void plan_need_reset(struct host *host, struct host_answer *answer)
{
	if (host_random(host, 16))
		return;
	host->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	host->config = true;
	answer->hold = host_random(host, 2);
	host->lies++;
}

static void plan_config(struct host *host, struct host_answer *answer)
{
	host->config = true;
	host->lies++;
}

static void ring_of_any_size_serves(struct kunit *test)
{
	static const u32 sizes[] = { 1, 2, 4, 256 };
	struct rig *rig = test->priv;
	u32 i;

	rig->share = 2 * ARRAY_SIZE(sizes);
	for (i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
		rig->host.size = sizes[i / 2];
		rig->host.features = BIT_ULL(VIRTIO_F_VERSION_1) |
				     BIT_ULL(VIRTIO_RING_F_INDIRECT_DESC);
		if (i % 2)
			rig->host.features |= BIT_ULL(VIRTIO_RING_F_EVENT_IDX);
		rig_survive(test, rig_plan_honest);
	}
}

static void ring_of_a_legacy_device_serves(struct kunit *test)
{
	struct rig *rig = test->priv;

	rig->host.features = 0;
	rig_survive(test, rig_plan_honest);
}

static void ring_when_answered_in_any_order_serves(struct kunit *test)
{
	struct rig *rig = test->priv;

	rig->host.shuffle = true;
	rig->host.delay_ns = 50000;
	rig_survive(test, rig_plan_honest);
}

static void ring_when_id_is_out_of_range_recovers(struct kunit *test)
{
	rig_survive(test, plan_id_out_of_range);
}

static void ring_when_id_is_wrong_recovers(struct kunit *test)
{
	rig_survive(test, plan_id_wrong);
}

static void ring_when_id_is_repeated_recovers(struct kunit *test)
{
	rig_survive(test, plan_id_repeated);
}

/*
 * The buffers that the ring code has lost stay lost: nothing is freed that the device
 * may write to, as it does here at the end. The others serve on.
 */
static void ring_when_descriptors_are_linked_recovers(struct kunit *test)
{
	struct rig *rig = test->priv;
	u8 *lost[3 * VRNG_DEPTH_MAX];
	u32 count, i;

	rig_plug(test);
	rig_lie(test, plan_linked);
	rig_expect_serving(test);
	count = rig_lost(rig, lost);
	kunit_info(test, "%u buffers are lost\n", count);
	KUNIT_EXPECT_EQ(test, !count, !rig_counter(test, "device_errors"));
	rig_expect_removal(test);
	for (i = 0; i < count; i++)
		memset(lost[i], STREAM_POISON, VRNG_REQUEST_MIN);
}

static void ring_when_the_device_needs_reset_recovers(struct kunit *test)
{
	struct rig *rig = test->priv;

	rig->host.delay_ns = 50000;
	rig_survive(test, plan_need_reset);
}

/* Wait until nothing is asked of the device. */
static void ring_await_rest(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng *vrng = rig->host.vdev.priv;
	u32 posted = 1;
	u32 ms;

	for (ms = 0; posted && ms < RIG_PATIENCE_MS; ms++) {
		usleep_range(500, 1000);
		spin_lock_irq(&vrng->lock);
		posted = vrng->pool.posted;
		spin_unlock_irq(&vrng->lock);
	}
	KUNIT_ASSERT_EQ(test, posted, 0u);
}

/* A queue that takes no request is not kicked, without event indexes either. */
static void ring_when_it_takes_nothing_is_not_kicked(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng *vrng;
	unsigned long flags;
	u64 kicks;
	u32 free;

	rig_plug_and_serve(test);
	reader_stop(&rig->reader);
	vrng = rig->host.vdev.priv;
	ring_await_rest(test);

	local_irq_save(flags);
	kicks = vrng->kicks;
	free = vrng->vq->num_free;
	vrng->vq->num_free = 0;
	vrng->fork.notifier_call(&vrng->fork, 0, NULL);
	vrng->vq->num_free = free;
	KUNIT_EXPECT_EQ(test, vrng->kicks, kicks);
	local_irq_restore(flags);

	rig_read(test);
	rig_expect_good_end(test);
}

/*
 * Let the host hold two requests or more, and stop the reader. Returns how
 * many. A reader that was slow, as on a busy machine, has one request only:
 * then once more.
 */
static u32 ring_hold_some(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 tries;

	for (tries = 1;; tries++) {
		rig_silence(test);
		reader_stop(&rig->reader);
		if (rig->host.holds >= 2)
			return rig->host.holds;
		KUNIT_ASSERT_LT(test, tries, 50u);
		rig_read(test);
		rig_expect_serving(test);
	}
}

/* Let the host answer what it holds, and not interrupt. */
static void ring_answer_mutely(struct kunit *test)
{
	struct rig *rig = test->priv;
	const u32 *holds = &rig->host.holds;
	u32 ms;

	rig->host.mute = true;
	host_set_plan(&rig->host, NULL);
	for (ms = 0; READ_ONCE(*holds); ms++) {
		KUNIT_ASSERT_LT(test, ms, RIG_PATIENCE_MS);
		usleep_range(500, 1000);
	}
}

/*
 * One call of the hwrng core collects a part of what has arrived, as interrupts are
 * off meanwhile.
 */
static void ring_when_it_is_full_is_collected_by_pieces(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng *vrng;
	u32 posted;
	u8 byte;

	rig_plug_and_serve(test);
	vrng = rig->host.vdev.priv;
	posted = ring_hold_some(test);
	spin_lock_irq(&vrng->lock);
	vrng->reap_bytes = 1;
	vrng->read_at = get_jiffies_64() + 60 * HZ; /* not yet at rest */
	spin_unlock_irq(&vrng->lock);

	ring_answer_mutely(test);
	KUNIT_EXPECT_EQ(test, vrng->hwrng.read(&vrng->hwrng, &byte, 1, false),
			1);
	KUNIT_EXPECT_EQ(test, vrng->pool.posted, posted - 1);

	rig->host.mute = false;
	rig_read(test);
	rig_expect_good_end(test);
}

/* Let the device need a reset, and find_vqs fail @count times or more. */
static void ring_fail_to_find(struct kunit *test, int error, u32 count)
{
	struct rig *rig = test->priv;
	const u32 *errors = &rig->host.find_errors;
	u32 ms;

	rig->host.find_errors = 0;
	rig->host.find_error = error;
	host_need_reset(&rig->host);
	for (ms = 0; READ_ONCE(*errors) < count; ms++) {
		KUNIT_ASSERT_LT(test, ms, RIG_PATIENCE_MS);
		usleep_range(500, 1000);
	}
}

/* It is tried until it can be found. */
static void ring_when_it_cannot_recover_tries_again(struct kunit *test)
{
	struct rig *rig = test->priv;

	rig_plug_and_serve(test);
	ring_fail_to_find(test, -ENOMEM, 3);
	rig->host.find_error = 0;
	rig_expect_serving(test);

	ring_fail_to_find(test, -EIO, 1);
	rig_expect_removal(test);
}

static void ring_when_config_changes_serves_on(struct kunit *test)
{
	rig_survive(test, plan_config);
}

/* A hundred interrupts for each answer: a million in the full count. */
static void ring_expect_storm_to_pass(struct kunit *test)
{
	struct rig *rig = test->priv;
	const u32 *storm = &rig->host.storm;
	const u64 start = get_jiffies_64();
	const u32 count = 100 * rig_completions();
	u64 moved = start;
	u32 left, before = count;

	host_storm(&rig->host, count);
	while ((left = READ_ONCE(*storm))) {
		reader_gets(&rig->reader, 4096, 10);
		if (left != before)
			moved = get_jiffies_64();
		before = left;
		KUNIT_ASSERT_LT(test, rig_ms_since(moved),
				1ull * RIG_PATIENCE_MS);
	}
	kunit_info(test, "%u interrupts in %llu ms\n", count,
		   rig_ms_since(start));
}

static void ring_when_interrupted_for_nothing_serves_on(struct kunit *test)
{
	struct rig *rig = test->priv;

	rig_plug_and_serve(test);
	ring_expect_storm_to_pass(test);
	rig_expect_serving(test);

	rig_silence(test);
	ring_expect_storm_to_pass(test);
	rig_expect_serving(test);

	reader_stop(&rig->reader);
	ring_expect_storm_to_pass(test);
	rig_read(test);
	rig_expect_good_end(test);
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(ring_of_any_size_serves),
	KUNIT_CASE(ring_of_a_legacy_device_serves),
	KUNIT_CASE(ring_when_answered_in_any_order_serves),
	KUNIT_CASE(ring_when_id_is_out_of_range_recovers),
	KUNIT_CASE(ring_when_id_is_wrong_recovers),
	KUNIT_CASE(ring_when_id_is_repeated_recovers),
	KUNIT_CASE(ring_when_descriptors_are_linked_recovers),
	KUNIT_CASE(ring_when_the_device_needs_reset_recovers),
	KUNIT_CASE(ring_when_it_takes_nothing_is_not_kicked),
	KUNIT_CASE(ring_when_it_is_full_is_collected_by_pieces),
	KUNIT_CASE(ring_when_it_cannot_recover_tries_again),
	KUNIT_CASE(ring_when_config_changes_serves_on),
	KUNIT_CASE(ring_when_interrupted_for_nothing_serves_on),
	{}
};

RIG_SUITE(ring);
