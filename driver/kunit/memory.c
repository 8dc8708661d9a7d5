// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: memory that is not to be had when a device begins. */
#include <linux/slab.h>

#include "rig.h"
#include "suites.h"

static bool memory_can_fail_allocations(void)
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

static void memory_expect_bound_or_clean(struct kunit *test)
{
	struct rig *rig = test->priv;

	if (rig_is_bound(rig)) {
		rig_read(test);
		rig_expect_good_end(test);
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

	if (!memory_can_fail_allocations())
		kunit_skip(test, "failslab spares allocations that may sleep");
	do {
		rig->host.fail_nth = ++nth;
		KUNIT_ASSERT_EQ(test, host_add(&rig->host), 0);
		unbound += !rig_is_bound(rig);
		memory_expect_bound_or_clean(test);
	} while (!rig->host.fail_left && nth < 1000);

	kunit_info(test, "%d allocations, %u needed\n", nth - 1, unbound);
	KUNIT_EXPECT_LT(test, nth, 1000);
	KUNIT_EXPECT_GT(test, unbound, 3u);
}

static struct kunit_case memory_cases[] = {
	KUNIT_CASE(device_when_memory_is_short_is_left_alone),
	{}
};

struct kunit_suite vrng_memory_suite = {
	.name = "vrng_memory",
	.suite_init = rig_suite_init,
	.suite_exit = rig_suite_exit,
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = memory_cases,
};
