// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: several devices at once, and their names. */
#include <linux/delay.h>
#include <linux/slab.h>

#include "../vrng.h"
#include "rig.h"
#include "suites.h"

#define DEVICES 8u

/* More bytes than a device has read ahead, so that it is asked for more. */
#define DEVICES_READ_BYTES (2u << 19)

static const char rng_current[] = "/sys/class/misc/hw_random/rng_current";

struct fleet {
	struct host *hosts; /* DEVICES of them */
	struct ledger ledger; /* of the first host's bytes */
	struct reader reader;
};

static void fleet_name(u32 index, char *name, size_t size)
{
	if (index)
		snprintf(name, size, "virtio.%u", index);
	else
		strscpy(name, "virtio", size);
}

static int fleet_init(struct kunit *test)
{
	struct fleet *fleet;
	int err = 0;
	u32 i;

	rig_skip_unwanted(test);
	fleet = kunit_kzalloc(test, sizeof(*fleet), GFP_KERNEL);
	if (!fleet)
		return -ENOMEM;
	fleet->hosts = kunit_kzalloc(test, DEVICES * sizeof(*fleet->hosts),
				     GFP_KERNEL);
	if (!fleet->hosts)
		return -ENOMEM;
	test->priv = fleet;
	for (i = 0; i < DEVICES && !err; i++)
		err = host_init(&fleet->hosts[i], (u64)(1 + i) << 40);
	return err ?: ledger_init(&fleet->ledger, &fleet->hosts[0].stream);
}

static void fleet_exit(struct kunit *test)
{
	struct fleet *fleet = test->priv;
	u32 i;

	if (!fleet)
		return;
	reader_stop(&fleet->reader);
	for (i = 0; i < DEVICES; i++)
		host_exit(&fleet->hosts[i]);
	ledger_free(&fleet->ledger);
}

/* Are just the first @count names available? */
static void fleet_expect_names(struct kunit *test, u32 count)
{
	char name[16];
	u32 i;

	for (i = 0; i < DEVICES + 1; i++) {
		fleet_name(i, name, sizeof(name));
		KUNIT_EXPECT_EQ_MSG(test, rig_is_available(name), i < count,
				    "%s of %u", name, count);
	}
}

/* Make device @index the current one, and read from it. */
static void fleet_expect_serving(struct kunit *test, u32 index)
{
	struct fleet *fleet = test->priv;
	const u64 *answers = &fleet->hosts[index].answers;
	const u64 before = READ_ONCE(*answers);
	char name[16], line[16];

	fleet_name(index, name, sizeof(name));
	KUNIT_EXPECT_EQ(test, reader_write_line(rng_current, name), 0);
	KUNIT_EXPECT_EQ(test, reader_line(rng_current, line, sizeof(line)), 0);
	KUNIT_EXPECT_STREQ(test, line, name);
	KUNIT_EXPECT_TRUE(test, reader_gets(&fleet->reader, DEVICES_READ_BYTES,
					    RIG_PATIENCE_MS));
	KUNIT_EXPECT_GT(test, fleet->hosts[index].answers, before);
}

static void devices_are_named(struct kunit *test, u32 count)
{
	struct fleet *fleet = test->priv;
	u32 i;

	for (i = 0; i < count; i++) {
		KUNIT_ASSERT_EQ(test, host_add(&fleet->hosts[i]), 0);
		fleet_expect_names(test, i + 1);
	}
	KUNIT_ASSERT_EQ(test, reader_start(&fleet->reader, &fleet->ledger), 0);
	for (i = 0; i < count; i++)
		fleet_expect_serving(test, i);
	for (i = count; i--;) {
		host_remove(&fleet->hosts[i]);
		fleet_expect_names(test, i);
	}
	KUNIT_EXPECT_EQ(test, fleet->ledger.repeated, 0ull);
}

static void devices_when_two_are_virtio_and_virtio_1(struct kunit *test)
{
	devices_are_named(test, 2);
}

static void devices_when_eight_are_named_in_order(struct kunit *test)
{
	devices_are_named(test, DEVICES);
}

/* A new device gets the name of a removed one; the reader sees no error. */
static void devices_when_one_goes_reuse_its_name(struct kunit *test)
{
	struct fleet *fleet = test->priv;
	u32 i, round;

	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, host_add(&fleet->hosts[i]), 0);
	KUNIT_ASSERT_EQ(test, reader_start(&fleet->reader, &fleet->ledger), 0);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 3; i++) {
			fleet_expect_serving(test, i);
			host_remove(&fleet->hosts[i]);
			KUNIT_EXPECT_TRUE(test, reader_gets(&fleet->reader,
							    DEVICES_READ_BYTES,
							    RIG_PATIENCE_MS));
			KUNIT_ASSERT_EQ(test, host_add(&fleet->hosts[i]), 0);
			fleet_expect_names(test, 3);
		}
	}
	KUNIT_EXPECT_EQ(test, fleet->reader.errors, 0ull);
	KUNIT_EXPECT_EQ(test, fleet->ledger.repeated, 0ull);
}

static bool fleet_is_empty(struct host *host)
{
	struct vrng *vrng = host->vdev.priv;
	bool empty;

	spin_lock_irq(&vrng->lock);
	empty = vrng->state == VRNG_LIVE && !vrng->bufs && !vrng->old_bufs &&
		!vrng->pool.posted;
	spin_unlock_irq(&vrng->lock);
	return empty && !host->holds;
}

/* The core leaves a device in a work item, once its last reader has. */
static void fleet_expect_empty(struct kunit *test, u32 index)
{
	struct fleet *fleet = test->priv;
	struct host *host = &fleet->hosts[index];
	u32 ms;

	for (ms = 0; !fleet_is_empty(host); ms += 10) {
		KUNIT_ASSERT_LT(test, ms, RIG_PATIENCE_MS);
		msleep_interruptible(10);
	}
	KUNIT_EXPECT_EQ(test, host_search(host), 0u);
}

static void fleet_plan_hold(struct host *host, struct host_answer *answer)
{
	answer->hold = true;
}

/* Neither buffers nor requests, even if the host does not answer. */
static void devices_when_not_current_hold_nothing(struct kunit *test)
{
	struct fleet *fleet = test->priv;
	const u32 *holds = &fleet->hosts[1].holds;
	u32 i, ms;

	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_EQ(test, host_add(&fleet->hosts[i]), 0);
	fleet_expect_empty(test, 1);
	KUNIT_EXPECT_EQ(test, fleet->hosts[1].kicks, 0ull);
	KUNIT_ASSERT_EQ(test, reader_start(&fleet->reader, &fleet->ledger), 0);
	fleet_expect_serving(test, 1);
	fleet_expect_empty(test, 0);

	host_set_plan(&fleet->hosts[1], fleet_plan_hold);
	for (ms = 0; !READ_ONCE(*holds); ms++) {
		KUNIT_ASSERT_LT(test, ms, RIG_PATIENCE_MS);
		usleep_range(500, 1000);
	}
	fleet_expect_serving(test, 0);
	fleet_expect_empty(test, 1);
	host_set_plan(&fleet->hosts[1], NULL);
	fleet_expect_serving(test, 1);
	KUNIT_EXPECT_EQ(test, fleet->ledger.repeated, 0ull);
}

static struct kunit_case devices_cases[] = {
	KUNIT_CASE(devices_when_two_are_virtio_and_virtio_1),
	KUNIT_CASE(devices_when_eight_are_named_in_order),
	KUNIT_CASE(devices_when_one_goes_reuse_its_name),
	KUNIT_CASE(devices_when_not_current_hold_nothing),
	{}
};

struct kunit_suite vrng_devices_suite = {
	.name = "vrng_devices",
	.suite_init = rig_suite_init,
	.suite_exit = rig_suite_exit,
	.init = fleet_init,
	.exit = fleet_exit,
	.test_cases = devices_cases,
};
