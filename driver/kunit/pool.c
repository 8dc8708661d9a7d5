// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: the pool in the kernel, where KASAN checks each access. The userspace
 * suite has more cases; these show that the pool works with the kernel's own
 * primitives and allocator.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "../pool.c"
#include "suites.h"

#define DEPTH 4u
#define SIZE  256u

struct rig {
	struct vrng_pool pool;
	struct vrng_buf bufs[DEPTH];
	u64 now_ms;
};

static int rig_init(struct kunit *test)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rig);
	for (i = 0; i < DEPTH; i++) {
		/* No byte longer, so that KASAN finds an overrun. */
		rig->bufs[i].data = kunit_kzalloc(test, SIZE, GFP_KERNEL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rig->bufs[i].data);
	}
	vrng_pool_init(&rig->pool, rig->bufs, DEPTH, SIZE);
	rig->now_ms = 1000000;
	test->priv = rig;
	return 0;
}

/* One request, answered with @fill bytes of @value, claiming @used. */
static bool rig_exchange(struct kunit *test, u8 value, u32 fill, u32 used)
{
	struct rig *rig = test->priv;
	struct vrng_buf *buf;

	KUNIT_ASSERT_TRUE(test, vrng_pool_wants(&rig->pool, rig->now_ms));
	buf = vrng_pool_post(&rig->pool, rig->now_ms);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	memset(buf->data, value, fill);
	return vrng_pool_filled(&rig->pool, buf, used);
}

static u32 rig_dirty(struct rig *rig)
{
	u32 dirty = 0;
	u32 i;

	for (i = 0; i < DEPTH; i++)
		dirty += !!memchr_inv(rig->bufs[i].data, 0, SIZE);
	return dirty;
}

static void pool_when_filled_hands_out_what_came(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng_buf *open;
	u8 out[10 + 64];

	KUNIT_EXPECT_TRUE(test, rig_exchange(test, 0xa5, 64, 64));
	open = vrng_pool_take(&rig->pool);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, open);
	KUNIT_EXPECT_EQ(test, vrng_buf_read(open, out, 10), 10u);
	KUNIT_EXPECT_EQ(test, vrng_buf_read(open, out + 10, 64), 54u);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(out, 0xa5, 64));
	vrng_pool_release(&rig->pool, open);
	KUNIT_EXPECT_EQ(test, rig_dirty(rig), 0u);
	KUNIT_EXPECT_EQ(test, rig->pool.stats.read, 64ull);
}

static void pool_when_device_lies_clamps_the_length(struct kunit *test)
{
	static const u32 lies[] = { 65, SIZE + 1, 0x80000000, 0xffffffff };
	struct rig *rig = test->priv;
	struct vrng_buf *open;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		rig->now_ms += 2 * VRNG_STREAM_GAP_MS;
		KUNIT_EXPECT_FALSE(test, rig_exchange(test, 1, 64, lies[i]));
		open = vrng_pool_take(&rig->pool);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, open);
		KUNIT_EXPECT_EQ(test, vrng_buf_unread(open), 64u);
		vrng_pool_release(&rig->pool, open);
		KUNIT_EXPECT_EQ(test, rig_dirty(rig), 0u);
	}
}

static void pool_when_answer_is_short_keeps_no_more(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng_buf *open;

	KUNIT_EXPECT_TRUE(test, rig_exchange(test, 1, 64, 3));
	open = vrng_pool_take(&rig->pool);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, open);
	KUNIT_EXPECT_EQ(test, vrng_buf_unread(open), 3u);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(open->data + 3, 0, SIZE - 3));
	vrng_pool_release(&rig->pool, open);
}

static void pool_when_discarded_serves_nothing_ready(struct kunit *test)
{
	struct rig *rig = test->priv;

	KUNIT_EXPECT_TRUE(test, rig_exchange(test, 1, 64, 64));
	vrng_pool_discard(&rig->pool);
	KUNIT_EXPECT_NULL(test, vrng_pool_take(&rig->pool));
	KUNIT_EXPECT_EQ(test, rig_dirty(rig), 0u);
	KUNIT_EXPECT_EQ(test, rig->pool.generation, 1u);
}

static void pool_when_discarded_serves_nothing_late(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng_buf *late;

	KUNIT_ASSERT_TRUE(test, vrng_pool_wants(&rig->pool, rig->now_ms));
	late = vrng_pool_post(&rig->pool, rig->now_ms);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, late);
	vrng_pool_discard(&rig->pool);
	memset(late->data, 2, late->asked);
	KUNIT_EXPECT_TRUE(test,
			  vrng_pool_filled(&rig->pool, late, late->asked));
	KUNIT_EXPECT_NULL(test, vrng_pool_take(&rig->pool));
	KUNIT_EXPECT_EQ(test, rig_dirty(rig), 0u);
}

static void pool_when_device_is_reset_wipes_its_buffers(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vrng_buf *buf;

	KUNIT_ASSERT_TRUE(test, vrng_pool_wants(&rig->pool, rig->now_ms));
	buf = vrng_pool_post(&rig->pool, rig->now_ms);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	memset(buf->data, 3, SIZE);
	vrng_pool_abandon(&rig->pool, buf);
	KUNIT_EXPECT_EQ(test, rig_dirty(rig), 0u);
	KUNIT_EXPECT_EQ(test, rig->pool.posted, 0u);
}

static void pool_when_bytes_grow_old_drops_them(struct kunit *test)
{
	struct rig *rig = test->priv;

	KUNIT_EXPECT_TRUE(test, rig_exchange(test, 4, 64, 64));
	vrng_pool_expire(&rig->pool, rig->now_ms + 100, 100);
	KUNIT_EXPECT_EQ(test, rig->pool.ready_bytes, 64u);
	vrng_pool_expire(&rig->pool, rig->now_ms + 101, 100);
	KUNIT_EXPECT_EQ(test, rig->pool.ready_bytes, 0u);
	KUNIT_EXPECT_EQ(test, rig_dirty(rig), 0u);
}

static struct kunit_case pool_cases[] = {
	KUNIT_CASE(pool_when_filled_hands_out_what_came),
	KUNIT_CASE(pool_when_device_lies_clamps_the_length),
	KUNIT_CASE(pool_when_answer_is_short_keeps_no_more),
	KUNIT_CASE(pool_when_discarded_serves_nothing_ready),
	KUNIT_CASE(pool_when_discarded_serves_nothing_late),
	KUNIT_CASE(pool_when_device_is_reset_wipes_its_buffers),
	KUNIT_CASE(pool_when_bytes_grow_old_drops_them),
	{}
};

struct kunit_suite vrng_pool_suite = {
	.name = "vrng_pool",
	.init = rig_init,
	.test_cases = pool_cases,
};
