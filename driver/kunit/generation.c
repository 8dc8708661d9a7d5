// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: the VM generation page changes; forks are counted; the machine sleeps on a
 * transport that does not freeze its devices.
 */
#include <linux/delay.h>
#include <linux/string.h>
#include <linux/suspend.h>

#include "../vrng.h"
#include "rig.h"
#include "suites.h"

#define ID_LINE 40u

static struct vrng *rig_vrng(struct rig *rig)
{
	return rig->host.vdev.priv;
}

static void generation_notify(struct vrng *vrng)
{
	vrng->fork.notifier_call(&vrng->fork, 0, NULL);
}

/* Wait until the clone's ID was drawn, and copy it. */
static void generation_id(struct kunit *test, char *line)
{
	u32 ms;

	for (ms = 0; ms < RIG_PATIENCE_MS; ms += 10) {
		rig_attribute(test, "clone_id", line, ID_LINE);
		if (*line)
			break;
		msleep_interruptible(10);
	}
	KUNIT_EXPECT_EQ(test, strlen(line), 2ul * VRNG_GENERATION_ID_SIZE);
}

/*
 * The page changes under a reader, and no notice comes: the reader sees it, and
 * gets nothing that the host wrote before.
 */
static void device_forked_unnoticed_serves_no_old_byte(struct kunit *test)
{
	struct rig *rig = test->priv;
	const u32 all = rig_rounds();
	u32 rounds;
	u64 first;

	rig->host.delay_ns = 200000;
	rig_plug(test);
	for (rounds = all; rounds; rounds--) {
		rig_expect_serving(test);
		usleep_range(1, 1 + host_random(&rig->host, 1000));
		first = READ_ONCE(rig->host.stream.next);
		rig_fork(rig);
		ledger_forbid_before(&rig->ledger, first);
	}
	rig_expect_serving(test);
	KUNIT_EXPECT_EQ(test, rig_counter(test, "clone_generation"), all);
	rig_expect_good_end(test);
}

/* Who reads the count right after a fork that nobody saw gets the new one. */
static void
count_read_after_an_unnoticed_fork_is_the_new_one(struct kunit *test)
{
	struct rig *rig = test->priv;
	char line[ID_LINE];
	u64 forks;

	rig_plug(test);
	reader_stop(&rig->reader);
	for (forks = 1; forks <= 3; forks++) {
		generation_id(test, line);
		ledger_forbid_past(&rig->ledger);
		rig_fork(rig);
		KUNIT_EXPECT_EQ(test, rig_counter(test, "clone_generation"),
				forks);
	}
	rig_read(test);
	KUNIT_EXPECT_EQ(test, rig_counter(test, "clone_generation"), forks - 1);
	rig_expect_good_end(test);
}

/* The page changes while the driver is at rest: the first read gets no old byte. */
static void device_forked_at_rest_serves_no_old_byte(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 rounds, ms;

	rig_plug(test);
	for (rounds = 3; rounds; rounds--) {
		rig_expect_serving(test);
		reader_stop(&rig->reader);
		for (ms = 0; ms < RIG_PATIENCE_MS; ms += 50) {
			if (host_search(&rig->host) <= VRNG_REQUEST_MIN / 8)
				break;
			msleep_interruptible(50);
		}
		ledger_forbid_past(&rig->ledger);
		rig_fork(rig);
		rig_read(test);
	}
	rig_expect_good_end(test);
}

/* Answers as many requests as lies says with half of the smallest piece. */
static void plan_half(struct host *host, struct host_answer *answer)
{
	answer->hold = !host->lies;
	answer->fill = min(answer->asked, VRNG_REQUEST_MIN / 2);
	answer->used = answer->fill;
	if (host->lies)
		host->lies--;
}

/* Let a new read of a silent host get half a piece, and wait for the rest. */
static void generation_read_half(struct kunit *test)
{
	struct rig *rig = test->priv;
	u64 read;

	rig_expect_serving(test);
	rig_silence(test);
	reader_stop(&rig->reader);
	rig_read(test);
	WRITE_ONCE(rig->reader.late, true);
	rig_silence(test);
	read = rig_counter(test, "bytes_read");
	rig->host.lies = 1;
	host_set_plan(&rig->host, plan_half);
	KUNIT_EXPECT_GT(test, rig_await_counter(test, "bytes_read", read + 1),
			read);
}

/* The machine is forked while a reader has half of what it asked for. */
static void half_a_piece_of_before_a_fork_is_not_served(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 rounds;
	u64 first;

	rig_plug(test);
	for (rounds = 8; rounds; rounds--) {
		generation_read_half(test);
		first = READ_ONCE(rig->host.stream.next);
		rig_fork(rig);
		if (rounds & 1) /* the driver is told, too */
			generation_notify(rig_vrng(rig));
		ledger_forbid_before(&rig->ledger, first);
	}
	rig_expect_good_end(test);
}

/* A fork counts once, whoever sees it first, and gives the clone another ID. */
static void fork_that_two_signs_show_counts_once(struct kunit *test)
{
	struct rig *rig = test->priv;
	char before[ID_LINE], after[ID_LINE];
	struct vrng *vrng;
	u64 forks;

	rig_plug(test);
	vrng = rig_vrng(rig);
	generation_id(test, after);
	for (forks = 1; forks <= 8; forks++) {
		strscpy(before, after, sizeof(before));
		rig_expect_serving(test);
		rig_fork(rig);
		if (forks & 1) /* the reader is first */
			rig_expect_serving(test);
		generation_notify(vrng);
		rig_expect_serving(test);
		KUNIT_EXPECT_EQ(test, rig_counter(test, "clone_generation"),
				forks);
		generation_id(test, after);
		KUNIT_EXPECT_STRNEQ(test, before, after);
	}
	rig_expect_good_end(test);
}

/* Without a notice the ID is drawn all the same, later. */
static void fork_without_a_notice_gives_an_id(struct kunit *test)
{
	struct rig *rig = test->priv;
	char before[ID_LINE], after[ID_LINE];

	rig_plug(test);
	rig_expect_serving(test);
	generation_id(test, before);
	rig_fork(rig);
	rig_expect_serving(test);
	generation_id(test, after);
	KUNIT_EXPECT_STRNEQ(test, before, after);
	rig_expect_good_end(test);
}

/* Each byte of the page counts. */
static void page_is_compared_as_a_whole(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng_generation page = {
		.word = { &rig->page[0], &rig->page[1] },
	};
	u8 *byte = (u8 *)rig->page;
	u32 i;

	for (i = 0; i < sizeof(rig->page); i++) {
		vrng_generation_see(&page);
		KUNIT_EXPECT_FALSE(test, vrng_generation_changed(&page));
		byte[i]++;
		KUNIT_EXPECT_TRUE(test, vrng_generation_changed(&page));
	}
}

/* A device that asks for resets makes no forks: rngd runs hooks for each. */
static void resets_of_the_device_are_no_forks(struct kunit *test)
{
	u64 resets;

	rig_plug(test);
	for (resets = 1; resets <= 5; resets++) {
		rig_expect_serving(test);
		rig_fail(test);
		rig_expect_serving(test);
	}
	KUNIT_EXPECT_EQ(test, rig_counter(test, "clone_generation"), 0ull);
	KUNIT_EXPECT_GE(test, rig_counter(test, "device_resets"), 5ull);
	rig_expect_good_end(test);
}

static bool generation_listens;

static void generation_look(struct host *host)
{
	const struct vrng *vrng = host->vdev.priv;

	generation_listens =
		vrng->fork.notifier_call && vrng->sleep.notifier_call;
}

/* What is asked for first is dropped by a fork, too. */
static void notices_are_awaited_before_the_first_request(struct kunit *test)
{
	struct rig *rig = test->priv;

	generation_listens = false;
	rig->host.ready = generation_look;
	rig_plug(test);
	KUNIT_EXPECT_TRUE(test, generation_listens);
	rig->host.ready = NULL;
	rig_expect_good_end(test);
}

/* With no sign of a fork, nothing is held at rest, and sysfs says so. */
static void device_without_a_sign_holds_nothing_at_rest(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 rests, found, ms;
	char line[16];

	KUNIT_ASSERT_EQ(test, host_add(&rig->host), 0);
	rig_attribute(test, "fork_notice", line, sizeof(line));
	KUNIT_EXPECT_STREQ(test, line, "none");
	for (rests = 3; rests; rests--) {
		rig_read(test);
		rig_expect_serving(test);
		reader_stop(&rig->reader);
		found = U32_MAX;
		for (ms = 0; found && ms < RIG_PATIENCE_MS; ms += 50) {
			msleep_interruptible(50);
			found = host_search(&rig->host);
		}
		KUNIT_EXPECT_EQ(test, found, 0u);
	}
	rig_read(test);
	rig_expect_good_end(test);
}

/*
 * The machine sleeps, and its transport neither freezes nor restores the device:
 * nothing is held meanwhile or served after, and it counts as a fork.
 */
static void device_when_the_machine_sleeps_forgets(struct kunit *test)
{
	static const unsigned long actions[][2] = {
		{ PM_SUSPEND_PREPARE, PM_POST_SUSPEND },
		{ PM_HIBERNATION_PREPARE, PM_POST_HIBERNATION },
	};
	struct rig *rig = test->priv;
	const u32 all = rig_rounds();
	struct vrng *vrng;
	u32 rounds;
	u64 first;

	rig->host.delay_ns = 200000;
	rig_plug(test);
	vrng = rig_vrng(rig);
	for (rounds = all; rounds; rounds--) {
		const unsigned long *action = actions[rounds % 2];

		rig_expect_serving(test);
		vrng->sleep.notifier_call(&vrng->sleep, action[0], NULL);
		usleep_range(300, 300 + host_random(&rig->host, 1000));
		first = READ_ONCE(rig->host.stream.next);
		KUNIT_EXPECT_EQ(test, rig_dirty(rig), 0u);
		KUNIT_EXPECT_PTR_EQ(test, READ_ONCE(vrng->open), NULL);
		vrng->sleep.notifier_call(&vrng->sleep, action[1], NULL);
		ledger_forbid_before(&rig->ledger, first);
	}
	rig_expect_serving(test);
	KUNIT_EXPECT_EQ(test, rig_counter(test, "clone_generation"), all);
	rig_expect_good_end(test);
}

/* A recovery that was due when the machine slept follows. */
static void device_that_failed_before_sleep_recovers(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng *vrng;
	u32 rounds;

	rig_plug(test);
	vrng = rig_vrng(rig);
	for (rounds = 3; rounds; rounds--) {
		rig_expect_serving(test);
		rig->host.find_error = -ENOMEM;
		host_need_reset(&rig->host);
		rig_await_stop(test);
		vrng->sleep.notifier_call(&vrng->sleep, PM_SUSPEND_PREPARE,
					  NULL);
		rig->host.find_error = 0;
		vrng->sleep.notifier_call(&vrng->sleep, PM_POST_SUSPEND, NULL);
	}
	rig_expect_good_end(test);
}

static struct kunit_case generation_cases[] = {
	KUNIT_CASE(device_forked_unnoticed_serves_no_old_byte),
	KUNIT_CASE(device_forked_at_rest_serves_no_old_byte),
	KUNIT_CASE(half_a_piece_of_before_a_fork_is_not_served),
	KUNIT_CASE(fork_that_two_signs_show_counts_once),
	KUNIT_CASE(fork_without_a_notice_gives_an_id),
	KUNIT_CASE(page_is_compared_as_a_whole),
	KUNIT_CASE(count_read_after_an_unnoticed_fork_is_the_new_one),
	KUNIT_CASE(resets_of_the_device_are_no_forks),
	KUNIT_CASE(notices_are_awaited_before_the_first_request),
	KUNIT_CASE(device_without_a_sign_holds_nothing_at_rest),
	KUNIT_CASE(device_when_the_machine_sleeps_forgets),
	KUNIT_CASE(device_that_failed_before_sleep_recovers),
	{}
};

RIG_SUITE(generation);
