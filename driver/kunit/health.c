// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: hosts whose bytes fail the health tests for a while. */
#include "rig.h"
#include "suites.h"

static void plan_stuck(struct host *host, struct host_answer *answer)
{
	answer->stuck = 0;
	host->lies++;
}

/* All bytes of an answer are equal, of each answer another value. */
static void plan_stuck_by_turns(struct host *host, struct host_answer *answer)
{
	answer->stuck = host_random(host, 256);
	host->lies++;
}

/* Nearly all bytes are equal, but no run is long. */
static void plan_biased(struct host *host, struct host_answer *answer)
{
	answer->stuck = 0;
	answer->spare = 16;
	host->lies++;
}

/* Bad and good by turns, each for a random number of answers. */
static void plan_changeable(struct host *host, struct host_answer *answer)
{
	if (!host_random(host, 32))
		host->lies++;
	if (host->lies % 2)
		answer->stuck = 0;
}

/* The stream is withheld; a failure counts once, however long it lasts. */
static void health_when_stuck_withholds(struct kunit *test, host_plan *plan)
{
	struct rig *rig = test->priv;
	u64 answers;

	rig_plug_and_serve(test);
	KUNIT_EXPECT_EQ(test, rig_counter(test, "health_failures"), 0ull);
	rig_silence(test);
	answers = rig->host.answers;

	host_set_plan(&rig->host, plan);
	KUNIT_EXPECT_EQ(test, rig_await_counter(test, "health_failures", 1),
			1ull);
	KUNIT_EXPECT_FALSE(test, reader_gets(&rig->reader, READER_SIZE, 2000));
	KUNIT_EXPECT_GT(test, rig->host.answers, answers);
	KUNIT_EXPECT_EQ(test, rig_counter(test, "health_failures"), 1ull);
	KUNIT_EXPECT_LE(test, rig->ledger.zeros, 4ull);

	rig_expect_serving(test);
	KUNIT_EXPECT_EQ(test, rig_counter(test, "health_failures"), 1ull);
	rig_expect_removal(test);
}

static void health_when_a_byte_is_stuck_withholds(struct kunit *test)
{
	health_when_stuck_withholds(test, plan_stuck);
}

static void health_when_answers_are_stuck_withholds(struct kunit *test)
{
	health_when_stuck_withholds(test, plan_stuck_by_turns);
}

/*
 * The proportion test fails only in a window that begins with the frequent
 * byte. Two windows in a row that do not are served, so not all is withheld.
 */
static void health_when_bytes_are_biased_withholds(struct kunit *test)
{
	struct rig *rig = test->priv;
	u64 received, bytes;

	rig_plug_and_serve(test);
	rig_silence(test);
	received = rig_counter(test, "bytes_received");
	bytes = rig->reader.bytes;
	rig_lie_on(test, plan_biased);
	rig_silence(test); /* no good byte counts */
	received = rig_counter(test, "bytes_received") - received;
	bytes = rig->reader.bytes - bytes;
	kunit_info(test, "%llu bytes of %llu passed\n", bytes, received);
	KUNIT_EXPECT_GT(test, rig_counter(test, "health_failures"), 0ull);
	KUNIT_EXPECT_LT(test, bytes, received / 8);
	rig_expect_good_end(test);
}

/* A bad host is asked at a slow pace, so a quarter of the answers will do. */
static void health_when_long_bad_survives(struct kunit *test)
{
	struct rig *rig = test->priv;

	rig->share = 4;
	rig_plug(test);
	rig_lie(test, plan_stuck);
	rig_expect_good_end(test);
}

static void
health_when_bad_and_good_by_turns_serves_the_good(struct kunit *test)
{
	struct rig *rig = test->priv;
	u64 failures;

	rig_plug(test);
	rig_lie(test, plan_changeable);
	rig_expect_serving(test);
	failures = rig_counter(test, "health_failures");
	kunit_info(test, "%llu episodes, %llu bad words seen\n", failures,
		   rig->ledger.zeros);
	KUNIT_EXPECT_GT(test, failures, 0ull);
	KUNIT_EXPECT_LE(test, failures, rig->host.lies);
	/* At most 30 bytes an episode pass before a run fails. */
	KUNIT_EXPECT_LE(test, rig->ledger.zeros, 4 * (failures + 1));
	rig_expect_removal(test);
}

static struct kunit_case health_cases[] = {
	KUNIT_CASE(health_when_a_byte_is_stuck_withholds),
	KUNIT_CASE(health_when_answers_are_stuck_withholds),
	KUNIT_CASE(health_when_bytes_are_biased_withholds),
	KUNIT_CASE(health_when_long_bad_survives),
	KUNIT_CASE(health_when_bad_and_good_by_turns_serves_the_good),
	{}
};

RIG_SUITE(health);
