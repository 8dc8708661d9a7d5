// SPDX-License-Identifier: GPL-2.0-only
/* The fixture of cases with a device; see rig.h. */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/virtio_config.h>

#include "../vrng.h"
#include "rig.h"

#define RIG_SEED 20261122ull

/* More than two jiffies. */
#define RIG_LOOK_MS 30u

u64 rig_ms_since(u64 start)
{
	return jiffies64_to_msecs(get_jiffies_64() - start);
}

/* The word that follows @name on the kernel's command line, or NULL. */
static const char *rig_word(const char *name, char *line, size_t size)
{
	char *at;

	if (reader_line("/proc/cmdline", line, size))
		return NULL;
	at = strstr(line, name);
	if (!at)
		return NULL;
	at += strlen(name);
	at[strcspn(at, " ")] = '\0';
	return at;
}

static u64 rig_number(const char *name, u64 otherwise)
{
	char line[512];
	const char *word = rig_word(name, line, sizeof(line));
	u64 value;

	return word && !kstrtou64(word, 0, &value) ? value : otherwise;
}

u32 rig_completions(void)
{
	return rig_number("vrng_kunit.completions=", 1000);
}

u32 rig_rounds(void)
{
	return 10 + rig_completions() / 50;
}

void rig_skip_unwanted(struct kunit *test)
{
	char line[512];
	const char *word = rig_word("vrng_kunit.only=", line, sizeof(line));

	if (word && !strstr(test->name, word))
		kunit_skip(test, "not asked for");
}

int rig_suite_init(struct kunit_suite *suite)
{
	return reader_borrow_mm();
}

void rig_suite_exit(struct kunit_suite *suite)
{
	reader_return_mm();
}

int rig_init(struct kunit *test)
{
	const u64 seed = rig_number("vrng_kunit.seed=", RIG_SEED);
	struct rig *rig;

	rig_skip_unwanted(test);
	rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	if (!rig)
		return -ENOMEM;
	test->priv = rig;
	kunit_info(test, "seed %llu\n", seed);
	return host_init(&rig->host, seed) ?:
		       ledger_init(&rig->ledger, &rig->host.stream);
}

void rig_exit(struct kunit *test)
{
	struct rig *rig = test->priv;

	if (!rig)
		return;
	host_set_plan(&rig->host, NULL);
	reader_stop(&rig->reader);
	host_exit(&rig->host);
	ledger_free(&rig->ledger);
}

void rig_read(struct kunit *test)
{
	struct rig *rig = test->priv;

	KUNIT_ASSERT_EQ(test, reader_start(&rig->reader, &rig->ledger), 0);
}

/* This machine has no firmware that provides a page. */
static void rig_map_page(struct rig *rig)
{
	struct vrng *vrng = rig->host.vdev.priv;

	spin_lock_irq(&vrng->lock);
	vrng->generation.word[0] = &rig->page[0];
	vrng->generation.word[1] = &rig->page[1];
	vrng->generation.sign = VRNG_SIGN_VMGENID;
	vrng_generation_see(&vrng->generation);
	spin_unlock_irq(&vrng->lock);
}

void rig_fork(struct rig *rig)
{
	WRITE_ONCE(rig->page[1], rig->page[1] + 1);
}

void rig_plug(struct kunit *test)
{
	struct rig *rig = test->priv;

	KUNIT_ASSERT_EQ(test, host_add(&rig->host), 0);
	KUNIT_ASSERT_TRUE(test, rig_is_bound(rig));
	rig_map_page(rig);
	rig_read(test);
}

void rig_plug_and_serve(struct kunit *test)
{
	rig_plug(test);
	rig_expect_serving(test);
}

bool rig_is_bound(const struct rig *rig)
{
	return rig->host.present && rig->host.vdev.dev.driver;
}

/* Wait for @want answers, at most RIG_PATIENCE_MS for each. */
static bool rig_wait_for_answers(struct host *host, u64 want)
{
	const u64 *answers = &host->answers;
	u64 had = READ_ONCE(*answers);
	u32 ms = 0;

	while (READ_ONCE(*answers) < want && ms < RIG_PATIENCE_MS) {
		msleep_interruptible(10);
		ms += 10;
		if (READ_ONCE(*answers) != had)
			ms = 0;
		had = READ_ONCE(*answers);
	}
	return had >= want;
}

void rig_lie_on(struct kunit *test, host_plan *plan)
{
	struct rig *rig = test->priv;
	const u64 want =
		rig->host.answers + rig_completions() / max(rig->share, 1u);
	const u64 lies = rig->host.lies;

	rig_hasten(rig);
	host_set_plan(&rig->host, plan);
	KUNIT_EXPECT_TRUE(test, rig_wait_for_answers(&rig->host, want));
	KUNIT_EXPECT_GT(test, rig->host.lies, lies);
}

void rig_lie(struct kunit *test, host_plan *plan)
{
	struct rig *rig = test->priv;

	rig_lie_on(test, plan);
	host_set_plan(&rig->host, NULL);
}

u64 rig_starts(struct rig *rig)
{
	struct vrng *vrng = rig->host.vdev.priv;
	u64 starts;

	spin_lock_irq(&vrng->lock);
	starts = vrng->starts;
	spin_unlock_irq(&vrng->lock);
	return starts;
}

void rig_await_start(struct kunit *test, u64 before)
{
	struct rig *rig = test->priv;
	const u64 start = get_jiffies_64();

	while (rig_starts(rig) == before &&
	       rig_ms_since(start) < RIG_PATIENCE_MS)
		usleep_range(500, 1000);
	KUNIT_EXPECT_GT(test, rig_starts(rig), before);
}

void rig_fail(struct kunit *test)
{
	struct rig *rig = test->priv;
	const u64 before = rig_starts(rig);

	host_need_reset(&rig->host);
	rig_await_start(test, before);
}

void rig_await_stop(struct kunit *test)
{
	struct rig *rig = test->priv;
	const bool *running = &rig->host.running;
	u32 ms;

	for (ms = 0; READ_ONCE(*running); ms++) {
		KUNIT_ASSERT_LT(test, ms, RIG_PATIENCE_MS);
		usleep_range(500, 1000);
	}
}

void rig_expect_bytes(struct kunit *test, u64 bytes)
{
	struct rig *rig = test->priv;
	const u64 *have = &rig->reader.bytes;
	const u64 want = READ_ONCE(*have) + bytes;

	while (READ_ONCE(*have) < want) {
		if (!reader_gets(&rig->reader, 1, RIG_PATIENCE_MS))
			break;
	}
	KUNIT_EXPECT_GE(test, READ_ONCE(*have), want);
}

void rig_hasten(struct rig *rig)
{
	struct vrng *vrng = rig->host.vdev.priv;

	spin_lock_irq(&vrng->lock);
	vrng->proven_ms = 0;
	spin_unlock_irq(&vrng->lock);
}

void rig_plan_honest(struct host *host, struct host_answer *answer)
{
	host->lies++;
}

static void rig_plan_hold(struct host *host, struct host_answer *answer)
{
	answer->hold = true;
}

/* Does the host hold all requests, and the driver no unread byte? */
static bool rig_is_dry(struct rig *rig)
{
	struct vrng *vrng = rig->host.vdev.priv;
	const u32 *holds = &rig->host.holds;
	bool dry;

	spin_lock_irq(&vrng->lock);
	dry = vrng->state == VRNG_LIVE && !vrng->open &&
	      !vrng->pool.ready.count && vrng->pool.posted &&
	      vrng->pool.posted == READ_ONCE(*holds);
	spin_unlock_irq(&vrng->lock);
	return dry;
}

/* What the reader has if it sleeps and the driver is dry, or U64_MAX. */
static u64 rig_bytes_when_dry(struct rig *rig)
{
	const u64 *bytes = &rig->reader.bytes;

	if (!rig_is_dry(rig) || !reader_sleeps(&rig->reader))
		return U64_MAX;
	return READ_ONCE(*bytes);
}

/*
 * Who sleeps when the driver is dry waits for the host, or for a jiffy between
 * two pieces. So look twice.
 */
void rig_silence(struct kunit *test)
{
	struct rig *rig = test->priv;
	const u64 start = get_jiffies_64();
	u64 before, bytes = U64_MAX;
	bool waits;

	host_set_plan(&rig->host, rig_plan_hold);
	do {
		before = bytes;
		msleep_interruptible(RIG_LOOK_MS);
		bytes = rig_bytes_when_dry(rig);
		waits = bytes != U64_MAX && bytes == before;
	} while (!waits && rig_ms_since(start) < RIG_PATIENCE_MS);
	KUNIT_EXPECT_TRUE(test, waits);
}

void rig_expect_clean(struct kunit *test)
{
	struct rig *rig = test->priv;
	const struct ledger *ledger = &rig->ledger;

	KUNIT_EXPECT_EQ(test, ledger->repeated, 0ull);
	KUNIT_EXPECT_EQ(test, ledger->stale, 0ull);
	KUNIT_EXPECT_EQ(test, ledger->poison, 0ull);
	KUNIT_EXPECT_EQ(test, rig->host.strays, 0ull);
	if (rig_is_bound(rig))
		KUNIT_EXPECT_EQ(test, rig_dirty(rig), 0u);
}

void rig_expect_serving(struct kunit *test)
{
	struct rig *rig = test->priv;
	const u64 *blocks = &rig->ledger.blocks;
	const u64 want = READ_ONCE(*blocks) + RIG_SERVED_BLOCKS;
	const u64 start = get_jiffies_64();
	u64 ms = 0;

	KUNIT_EXPECT_TRUE(test, rig_is_bound(rig));
	host_set_plan(&rig->host, NULL);
	while (READ_ONCE(*blocks) < want && ms < RIG_PATIENCE_MS) {
		reader_gets(&rig->reader, 1, 100);
		ms = rig_ms_since(start);
	}
	KUNIT_EXPECT_LT(test, ms, 1ull * RIG_PATIENCE_MS);
	rig_expect_clean(test);
}

void rig_expect_removal(struct kunit *test)
{
	struct rig *rig = test->priv;
	const u64 start = get_jiffies_64();
	u64 ms;

	host_remove(&rig->host);
	ms = rig_ms_since(start);
	KUNIT_EXPECT_LT(test, ms, 1ull * RIG_PATIENCE_MS);
	KUNIT_EXPECT_FALSE(test, rig_is_available("virtio"));
	KUNIT_EXPECT_EQ(test, host_search(&rig->host), 0u);
	KUNIT_EXPECT_LT(test, reader_stop(&rig->reader),
			1ull * RIG_PATIENCE_MS);
	KUNIT_EXPECT_FALSE(test, rig->host.running);
	rig_expect_clean(test);
}

void rig_expect_good_end(struct kunit *test)
{
	rig_expect_serving(test);
	rig_expect_removal(test);
}

void rig_survive(struct kunit *test, host_plan *plan)
{
	rig_plug(test);
	rig_lie(test, plan);
	rig_expect_good_end(test);
}

void rig_attribute(struct kunit *test, const char *name, char *line,
		   size_t size)
{
	struct rig *rig = test->priv;
	char path[80];

	snprintf(path, sizeof(path), "/sys/bus/virtio/devices/%s/vrng/%s",
		 dev_name(&rig->host.vdev.dev), name);
	KUNIT_EXPECT_EQ(test, reader_line(path, line, size), 0);
}

u64 rig_counter(struct kunit *test, const char *name)
{
	char line[32];
	u64 value = 0;

	rig_attribute(test, name, line, sizeof(line));
	KUNIT_EXPECT_EQ(test, kstrtou64(line, 10, &value), 0);
	return value;
}

u64 rig_await_counter(struct kunit *test, const char *name, u64 value)
{
	const u64 start = get_jiffies_64();
	u64 count = rig_counter(test, name);

	while (count < value && rig_ms_since(start) < RIG_PATIENCE_MS) {
		msleep_interruptible(10);
		count = rig_counter(test, name);
	}
	return count;
}

static u32 rig_count_dirty(const u8 *data, u32 len)
{
	u32 n = 0;

	while (len--)
		n += !!*data++;
	return n;
}

static u32 rig_dirty_buf(const struct vrng_buf *buf)
{
	switch (buf->state) {
	case VRNG_BUF_IDLE:
		return rig_count_dirty(buf->data, buf->size);
	case VRNG_BUF_POSTED:
		return 0; /* the device's */
	default:
		return rig_count_dirty(buf->data, buf->pos) +
		       rig_count_dirty(buf->data + buf->len,
				       buf->size - buf->len);
	}
}

u32 rig_dirty(struct rig *rig)
{
	struct vrng *vrng = rig->host.vdev.priv;
	u32 dirty = 0;
	u32 i;

	spin_lock_irq(&vrng->lock);
	for (i = 0; i < vrng->pool.depth; i++)
		dirty += rig_dirty_buf(&vrng->pool.bufs[i]);
	spin_unlock_irq(&vrng->lock);
	return dirty;
}

static u32 rig_lost_of(const struct vrng_bufs *bufs, u8 **data)
{
	u32 lost = 0;
	u32 i;

	for (i = 0; i < bufs->count; i++) {
		if (bufs->buf[i].state == VRNG_BUF_LOST)
			data[lost++] = bufs->buf[i].data;
	}
	return lost;
}

u32 rig_lost(struct rig *rig, u8 **data)
{
	struct vrng *vrng = rig->host.vdev.priv;
	const struct vrng_bufs *bufs;
	u32 lost = 0;

	spin_lock_irq(&vrng->lock);
	if (vrng->bufs)
		lost += rig_lost_of(vrng->bufs, data);
	for (bufs = vrng->old_bufs; bufs; bufs = bufs->next)
		lost += rig_lost_of(bufs, data + lost);
	spin_unlock_irq(&vrng->lock);
	return lost;
}

bool rig_is_available(const char *name)
{
	static const char path[] = "/sys/class/misc/hw_random/rng_available";
	char line[256], *at = line, *word;

	if (reader_line(path, line, sizeof(line)))
		return false;
	while ((word = strsep(&at, " "))) {
		if (!strcmp(word, name))
			return true;
	}
	return false;
}
