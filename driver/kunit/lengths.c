// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: hosts that report wrong lengths, or do not answer. */
#include <linux/delay.h>
#include <linux/hw_random.h>

#include "../vrng.h"
#include "rig.h"
#include "suites.h"

static void plan_used_0(struct host *host, struct host_answer *answer)
{
	/* Not each time: the answers between must still arrive. */
	if (host_random(host, 4))
		return;
	answer->used = 0;
	host->lies++;
}

static void plan_only_0(struct host *host, struct host_answer *answer)
{
	answer->used = 0;
	host->lies++;
}

static void plan_used_1(struct host *host, struct host_answer *answer)
{
	answer->used = 1;
	host->lies++;
}

static void plan_used_over_by_1(struct host *host, struct host_answer *answer)
{
	answer->used = answer->asked + 1;
	host->lies++;
}

static void plan_used_all_ones(struct host *host, struct host_answer *answer)
{
	answer->used = 0xffffffff;
	host->lies++;
}

static void plan_used_any(struct host *host, struct host_answer *answer)
{
	answer->used = prandom_u32_state(&host->rnd);
	answer->used >>= host_random(host, 32);
	host->lies++;
}

static void plan_used_short(struct host *host, struct host_answer *answer)
{
	answer->used = 1 + host_random(host, answer->asked);
	host->lies++;
}

/* Claims all, writes nothing: old bytes must not be served again. */
static void plan_unwritten(struct host *host, struct host_answer *answer)
{
	if (host_random(host, 8))
		return;
	answer->fill = 0;
	host->lies++;
}

static void host_when_it_claims_0_bytes_serves_on(struct kunit *test)
{
	rig_survive(test, plan_used_0);
}

static void host_when_it_claims_1_byte_serves_on(struct kunit *test)
{
	rig_survive(test, plan_used_1);
}

static void host_when_it_claims_a_byte_too_many_serves_on(struct kunit *test)
{
	rig_survive(test, plan_used_over_by_1);
}

static void host_when_it_claims_4_gib_serves_on(struct kunit *test)
{
	rig_survive(test, plan_used_all_ones);
}

static void host_when_it_claims_anything_serves_on(struct kunit *test)
{
	rig_survive(test, plan_used_any);
}

static void host_when_it_delivers_less_serves_that(struct kunit *test)
{
	rig_survive(test, plan_used_short);
}

static void host_when_it_writes_nothing_serves_nothing_old(struct kunit *test)
{
	rig_survive(test, plan_unwritten);
}

static void host_when_it_lies_is_counted(struct kunit *test)
{
	rig_plug_and_serve(test);
	KUNIT_EXPECT_EQ(test, rig_counter(test, "device_errors"), 0ull);
	rig_lie(test, plan_used_over_by_1);
	rig_expect_serving(test);
	KUNIT_EXPECT_GE(test, rig_counter(test, "device_errors"), 10ull);
}

/* When the next line of this kind is allowed; 0 if there was none yet. */
static u64 lengths_log_next(struct rig *rig, enum vrng_log kind)
{
	struct vrng *vrng = rig->host.vdev.priv;
	u64 next;

	spin_lock_irq(&vrng->lock);
	next = vrng->log_next[kind];
	spin_unlock_irq(&vrng->lock);
	return next;
}

/* The pause between two lines of each kind is over. */
static void lengths_end_pause(struct rig *rig)
{
	struct vrng *vrng = rig->host.vdev.priv;

	spin_lock_irq(&vrng->lock);
	memset(vrng->log_next, 0, sizeof(vrng->log_next));
	spin_unlock_irq(&vrng->lock);
}

/*
 * A thousand lies have one line in the log, before a reset and after it. Resets are
 * device errors too, and do not keep the length from the log.
 */
static void host_when_it_lies_for_long_has_one_line(struct kunit *test)
{
	struct rig *rig = test->priv;
	u64 next;

	rig_plug_and_serve(test);
	rig_fail(test);
	rig_expect_serving(test);
	KUNIT_ASSERT_GE(test, rig_counter(test, "device_errors"), 1ull);
	KUNIT_EXPECT_EQ(test, lengths_log_next(rig, VRNG_LOG_LENGTH), 0ull);

	rig_lie(test, plan_used_over_by_1);
	next = lengths_log_next(rig, VRNG_LOG_LENGTH);
	KUNIT_EXPECT_GT(test, next, vrng_now_ms() + VRNG_LOG_PAUSE_MS / 2);
	KUNIT_EXPECT_LE(test, next, vrng_now_ms() + VRNG_LOG_PAUSE_MS);
	rig_fail(test);
	rig_lie(test, plan_used_over_by_1);
	KUNIT_EXPECT_EQ(test, lengths_log_next(rig, VRNG_LOG_LENGTH), next);

	lengths_end_pause(rig);
	rig_lie(test, plan_used_over_by_1);
	KUNIT_EXPECT_GE(test, lengths_log_next(rig, VRNG_LOG_LENGTH), next);
	rig_expect_good_end(test);
}

/* A host whose answers are all empty is asked at a slow pace. */
static void host_when_it_claims_only_0_costs_little(struct kunit *test)
{
	struct rig *rig = test->priv;
	u64 kicks;

	rig_plug_and_serve(test);
	rig_silence(test);
	host_set_plan(&rig->host, plan_only_0);
	kicks = rig->host.kicks;
	KUNIT_EXPECT_FALSE(test, reader_gets(&rig->reader, 1, 2000));
	KUNIT_EXPECT_LT(test, rig->host.kicks - kicks, 2000ull);
	rig_expect_good_end(test);
}

/*
 * A round trip takes longer than bytes may be kept. What a reader waits for is served,
 * and nearly nothing is fetched in vain.
 */
static void host_when_slower_than_the_age_serves_on(struct kunit *test)
{
	struct rig *rig = test->priv;
	const u64 *have = &rig->reader.bytes;
	struct vrng *vrng;
	u64 received, bytes;

	rig_plug_and_serve(test);
	vrng = rig->host.vdev.priv;
	spin_lock_irq(&vrng->lock);
	vrng->max_age_ms = 30;
	spin_unlock_irq(&vrng->lock);
	rig->host.latency_ns = 100 * NSEC_PER_MSEC;
	rig_fail(test); /* begins with a small request */
	received = rig_counter(test, "bytes_received");
	bytes = READ_ONCE(*have);
	rig_expect_bytes(test, 4 * READER_SIZE);
	received = rig_counter(test, "bytes_received") - received;
	bytes = READ_ONCE(*have) - bytes;
	kunit_info(test, "%llu bytes of %llu were read\n", bytes, received);
	KUNIT_EXPECT_LT(test, received, 8 * bytes);
	rig->host.latency_ns = 0;
	rig_expect_good_end(test);
}

/*
 * It does not wait for its bound. On a busy machine it may take as long, but
 * seldom.
 */
static void host_when_silent_lets_a_killed_reader_go(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 quick = 0;
	u32 i;

	rig_plug_and_serve(test);
	for (i = 0; i < 10; i++) {
		rig_silence(test);
		reader_gets(&rig->reader, 1, 20 * i);
		quick += reader_stop(&rig->reader) < VRNG_WAIT_MS / 2;
		rig_read(test);
	}
	KUNIT_EXPECT_GE(test, quick, 5u);
	rig_expect_good_end(test);
}

/*
 * The answer wakes a waiting reader, not the end of its wait. Once the reader may
 * have been between two waits of a second when the answer came; not each time.
 */
static void host_when_it_answers_at_last_interrupts(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 woken = 0;
	u64 before;
	u32 i;

	rig_plug_and_serve(test);
	for (i = 0; i < 5; i++) {
		rig_silence(test);
		before = rig->host.interrupts;
		host_set_plan(&rig->host, NULL);
		KUNIT_EXPECT_TRUE(test, reader_gets(&rig->reader, 1,
						    RIG_PATIENCE_MS));
		woken += rig->host.interrupts > before;
	}
	KUNIT_EXPECT_GE(test, woken, 3u);
	rig_expect_good_end(test);
}

/*
 * Waiting readers are told at once: removal does not wait for their bound. On
 * a busy machine it may take as long, but seldom.
 */
static void host_when_silent_lets_the_device_go(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 quick = 0;
	u64 start;
	u32 i;

	rig_plug(test);
	for (i = 0; i < 5; i++) {
		rig_expect_serving(test);
		rig_silence(test);
		start = get_jiffies_64();
		host_remove(&rig->host);
		quick += rig_ms_since(start) < VRNG_WAIT_MS / 2;
		KUNIT_ASSERT_EQ(test, host_add(&rig->host), 0);
	}
	KUNIT_EXPECT_GE(test, quick, 2u);
	rig_silence(test);
	rig_expect_removal(test);
}

/* Another hwrng, whose bytes are not in the ledger. */
static int other_read(struct hwrng *rng, void *data, size_t max, bool wait)
{
	memset(data, 0x5a, max);
	return max;
}

static struct hwrng other = {
	.name = "vrng-kunit-other",
	.read = other_read,
	.quality = 1,
};

static void host_when_silent_delays_no_other(struct kunit *test)
{
	static const char current_rng[] =
		"/sys/class/misc/hw_random/rng_current";
	struct rig *rig = test->priv;
	char line[32];
	u64 start, ms;
	bool served;
	int err;

	rig_plug_and_serve(test);
	KUNIT_ASSERT_EQ(test, hwrng_register(&other), 0);
	rig_silence(test);
	reader_line(current_rng, line, sizeof(line));
	KUNIT_EXPECT_STREQ(test, line, "virtio");

	start = get_jiffies_64();
	err = reader_write_line(current_rng, other.name);
	served = reader_gets(&rig->reader, 4096, RIG_PATIENCE_MS);
	ms = rig_ms_since(start);
	host_set_plan(&rig->host, NULL);
	reader_stop(&rig->reader);
	hwrng_unregister(&other);

	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_TRUE(test, served);
	/* Two waits: of the core's thread, and then of the reader. */
	KUNIT_EXPECT_LT(test, ms, 1ull * RIG_PATIENCE_MS);
	rig_read(test);
	rig_expect_good_end(test);
}

static struct kunit_case lengths_cases[] = {
	KUNIT_CASE(host_when_it_claims_0_bytes_serves_on),
	KUNIT_CASE(host_when_it_claims_1_byte_serves_on),
	KUNIT_CASE(host_when_it_claims_a_byte_too_many_serves_on),
	KUNIT_CASE(host_when_it_claims_4_gib_serves_on),
	KUNIT_CASE(host_when_it_claims_anything_serves_on),
	KUNIT_CASE(host_when_it_delivers_less_serves_that),
	KUNIT_CASE(host_when_it_writes_nothing_serves_nothing_old),
	KUNIT_CASE(host_when_it_lies_is_counted),
	KUNIT_CASE(host_when_it_lies_for_long_has_one_line),
	KUNIT_CASE(host_when_it_claims_only_0_costs_little),
	KUNIT_CASE(host_when_slower_than_the_age_serves_on),
	KUNIT_CASE(host_when_silent_lets_a_killed_reader_go),
	KUNIT_CASE(host_when_it_answers_at_last_interrupts),
	KUNIT_CASE(host_when_silent_lets_the_device_go),
	KUNIT_CASE(host_when_silent_delays_no_other),
	{}
};

RIG_SUITE(lengths);
