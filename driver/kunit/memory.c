// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: allocations fail in probe or restore. */
#include <linux/slab.h>
#include <linux/virtio.h>

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

#ifdef CONFIG_PM_SLEEP
/* A failed restore leaves a device that can be frozen and restored again. */
static void device_when_memory_is_short_is_restored_later(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 failed = 0;
	int nth = 0;
	int err;

	if (!memory_can_fail_allocations())
		kunit_skip(test, "failslab spares allocations that may sleep");
	rig_plug_and_serve(test);
	do {
		KUNIT_ASSERT_EQ(test, virtio_device_freeze(&rig->host.vdev), 0);
		rig->host.fail_nth = ++nth;
		err = host_restore(&rig->host);
		if (err) {
			KUNIT_EXPECT_EQ(test, err, -ENOMEM);
			KUNIT_EXPECT_FALSE(test, rig->host.running);
			KUNIT_EXPECT_TRUE(test, !rig->host.vq);
			KUNIT_EXPECT_TRUE(test, rig_is_available("virtio"));
			failed++;
		} else {
			rig_expect_serving(test);
		}
	} while (!rig->host.fail_left && nth < 1000);

	kunit_info(test, "%d allocations, %u needed\n", nth - 1, failed);
	KUNIT_EXPECT_LT(test, nth, 1000);
	KUNIT_EXPECT_GT(test, failed, 1u);
	rig_expect_good_end(test);
}
#endif

static struct kunit_case memory_cases[] = {
	KUNIT_CASE(device_when_memory_is_short_is_left_alone),
#ifdef CONFIG_PM_SLEEP
	KUNIT_CASE(device_when_memory_is_short_is_restored_later),
#endif
	{}
};

RIG_SUITE(memory);
