// SPDX-License-Identifier: GPL-2.0-or-later
/* The driver's read-ahead pool; loops stand in for the device and the reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "driver/pool.h"

#define DEPTH 4u
#define SIZE  1024u
#define SEED  20261122u

/* A pool, its memory, and the stream its device sends. */
struct rig {
	struct vrng_pool pool;
	struct vrng_buf bufs[DEPTH];
	u8 data[DEPTH][SIZE];
	struct vrng_buf *posted[DEPTH]; /* in the order of posting */
	u32 posted_count;
	u64 now_ms;
	u64 sent; /* bytes of the stream delivered so far */
};

/* The stream: never zero, so that a wiped byte is told from a sent one. */
static u8 stream_byte(u64 pos)
{
	const u64 mixed = (pos + 1) * 0x9e3779b97f4a7c15u;

	return (u8)(1 + (mixed >> 32) % 255);
}

static int rig_setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	u32 i;

	for (i = 0; rig && i < DEPTH; i++)
		rig->bufs[i].data = rig->data[i];
	if (!rig)
		return -1;
	vrng_pool_init(&rig->pool, rig->bufs, DEPTH, SIZE);
	rig->now_ms = 1000000;
	*state = rig;
	return 0;
}

static int rig_teardown(void **state)
{
	free(*state);
	return 0;
}

static u32 rig_post(struct rig *rig)
{
	struct vrng_buf *buf;
	u32 count = 0;

	if (!vrng_pool_wants(&rig->pool, rig->now_ms))
		return 0;
	while ((buf = vrng_pool_post(&rig->pool, rig->now_ms))) {
		assert_true(rig->posted_count < DEPTH);
		rig->posted[rig->posted_count++] = buf;
		count++;
	}
	return count;
}

static struct vrng_buf *rig_unqueue(struct rig *rig, u32 index)
{
	struct vrng_buf *buf = rig->posted[index];

	rig->posted_count--;
	for (; index < rig->posted_count; index++)
		rig->posted[index] = rig->posted[index + 1];
	return buf;
}

/* The device answers its oldest request with @len bytes, claiming @used. */
static bool rig_answer(struct rig *rig, u32 len, u32 used)
{
	struct vrng_buf *buf = rig_unqueue(rig, 0);
	u32 i;

	for (i = 0; i < len; i++)
		buf->data[i] = stream_byte(rig->sent + i);
	rig->sent += len;
	return vrng_pool_filled(&rig->pool, buf, used);
}

static void rig_answer_all(struct rig *rig)
{
	while (rig->posted_count)
		rig_answer(rig, rig->posted[0]->asked, rig->posted[0]->asked);
}

static void assert_zero(const u8 *data, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		assert_int_equal(data[i], 0);
}

/* All bytes but the unread ones are zero. */
static void assert_wiped(const struct rig *rig)
{
	const struct vrng_buf *buf;
	u32 i;

	for (i = 0; i < DEPTH; i++) {
		buf = &rig->bufs[i];
		assert_zero(buf->data, buf->pos);
		assert_zero(buf->data + buf->len, SIZE - buf->len);
	}
}

static u64 unread_bytes(const struct rig *rig)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < DEPTH; i++)
		sum += vrng_buf_unread(&rig->bufs[i]);
	return sum;
}

/* Each byte that came was read, was dropped, or is still unread. */
static void assert_accounted(const struct rig *rig)
{
	const struct vrng_pool_stats *stats = &rig->pool.stats;
	u64 open_read = 0;
	u32 i;

	for (i = 0; i < DEPTH; i++)
		open_read += rig->bufs[i].pos;
	assert_int_equal(stats->received, stats->read + stats->discarded +
						  open_read +
						  unread_bytes(rig));
}

static void first_request_is_as_small_as_the_in_tree_drivers(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(rig_post(rig), 1);
	assert_int_equal(rig->posted[0]->asked, 64);
	assert_int_equal(rig_post(rig), 0);
}

static void bytes_come_out_in_order_and_are_wiped_behind(void **state)
{
	static const u32 sizes[] = { 1, 7, 63, 64, 65, 300, 4096 };
	struct rig *rig = *state;
	struct vrng_buf *open = NULL;
	u8 out[4096];
	u64 pos = 0;
	u32 got, i, turn;

	for (turn = 0; turn < 2000; turn++) {
		rig_post(rig);
		rig_answer_all(rig);
		if (!open)
			open = vrng_pool_take(&rig->pool);
		assert_non_null(open);
		got = vrng_buf_read(open, out, sizes[turn % 7]);
		assert_true(got > 0);
		for (i = 0; i < got; i++)
			assert_int_equal(out[i], stream_byte(pos + i));
		pos += got;
		assert_wiped(rig);
		assert_accounted(rig);
		if (!vrng_buf_unread(open)) {
			vrng_pool_release(&rig->pool, open);
			open = NULL;
		}
	}
	assert_int_equal(rig->pool.stats.discarded, 0);
}

static void overlong_length_is_clamped_and_reported(void **state)
{
	static const u32 lies[] = { 65, 66, 1025, 0x7fffffff, 0xffffffff };
	struct rig *rig = *state;
	struct vrng_buf *open;
	size_t i;

	for (i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		rig->now_ms += 1000;
		assert_int_equal(rig_post(rig), 1);
		assert_false(rig_answer(rig, 64, lies[i]));
		open = vrng_pool_take(&rig->pool);
		assert_int_equal(vrng_buf_unread(open), 64);
		vrng_pool_release(&rig->pool, open);
		assert_int_equal(rig->pool.stats.overlong, i + 1);
	}
	assert_int_equal(rig->pool.stats.received, 64 * i);
}

static void exact_length_is_no_lie(void **state)
{
	struct rig *rig = *state;

	rig_post(rig);
	assert_true(rig_answer(rig, 64, 64));
	assert_int_equal(rig->pool.stats.overlong, 0);
	assert_int_equal(rig->pool.ready_bytes, 64);
}

static void short_length_keeps_only_what_was_claimed(void **state)
{
	struct rig *rig = *state;
	struct vrng_buf *open;
	u8 out[64];

	rig_post(rig);
	assert_true(rig_answer(rig, 64, 10)); /* wrote 64, says 10 */
	assert_wiped(rig);
	open = vrng_pool_take(&rig->pool);
	assert_int_equal(vrng_buf_read(open, out, 64), 10);
	assert_int_equal(vrng_buf_read(open, out, 64), 0);
}

static void empty_completion_makes_the_buffer_idle_again(void **state)
{
	struct rig *rig = *state;

	rig_post(rig);
	assert_true(rig_answer(rig, 64, 0));
	assert_wiped(rig);
	assert_null(vrng_pool_take(&rig->pool));
	assert_int_equal(rig->pool.stats.empty, 1);
	assert_int_equal(rig->pool.posted, 0);
	assert_int_equal(rig_post(rig), 1);
}

/* Read all that came at once, as the reader of a stream does. */
static void rig_drain(struct rig *rig)
{
	struct vrng_buf *open;
	u8 out[SIZE];

	while ((open = vrng_pool_take(&rig->pool))) {
		vrng_buf_read(open, out, SIZE);
		vrng_pool_release(&rig->pool, open);
	}
}

static void window_doubles_in_a_stream_up_to_the_pool(void **state)
{
	struct rig *rig = *state;
	u32 want = 64;
	u32 i;

	for (i = 0; i < 12; i++) {
		assert_true(rig_post(rig) > 0);
		assert_int_equal(rig->pool.window, want);
		assert_int_equal(rig->pool.posted_bytes, want);
		rig_answer_all(rig);
		rig_drain(rig);
		rig->now_ms += VRNG_STREAM_GAP_MS;
		want = want * 2 < DEPTH * SIZE ? want * 2 : DEPTH * SIZE;
	}
	assert_int_equal(rig->pool.window, DEPTH * SIZE);
}

static void window_begins_anew_after_a_pause(void **state)
{
	struct rig *rig = *state;
	u32 i;

	for (i = 0; i < 5; i++) {
		rig_post(rig);
		rig_answer_all(rig);
		rig_drain(rig);
	}
	assert_true(rig->pool.window > 64);
	rig->now_ms += VRNG_STREAM_GAP_MS + 1;
	assert_int_equal(rig_post(rig), 1);
	assert_int_equal(rig->pool.window, 64);
	assert_int_equal(rig->posted[0]->asked, 64);
}

static void next_batch_waits_until_three_quarters_are_used_up(void **state)
{
	struct rig *rig = *state;
	struct vrng_buf *open;
	u8 out[SIZE];
	u32 left;

	rig_post(rig);
	rig_answer_all(rig);
	rig_drain(rig);
	rig_post(rig);
	rig_answer_all(rig);
	rig_drain(rig);
	assert_int_equal(rig_post(rig), 4); /* a window of 256, by quarters */
	rig_answer_all(rig);

	for (left = 192; left >= 128; left -= 64) {
		open = vrng_pool_take(&rig->pool);
		vrng_buf_read(open, out, SIZE);
		vrng_pool_release(&rig->pool, open);
		assert_int_equal(vrng_pool_ahead(&rig->pool), left);
		assert_int_equal(rig_post(rig), 0);
	}
	open = vrng_pool_take(&rig->pool);
	vrng_buf_read(open, out, SIZE);
	vrng_pool_release(&rig->pool, open);
	open = vrng_pool_take(&rig->pool); /* the last 64, unread yet */
	assert_non_null(open);
	assert_int_equal(rig_post(rig), 3);
	assert_int_equal(rig->pool.posted_bytes, 512 - 128);
}

/* A reader that takes 32 bytes now and then loses none, and finds 64 each time. */
static void what_is_kept_at_rest_is_made_up_to_the_byte(void **state)
{
	struct rig *rig = *state;
	struct vrng_buf *open;
	u8 out[SIZE];
	u32 i;

	rig_post(rig);
	rig_answer_all(rig);
	for (i = 0; i < 100; i++) {
		rig->now_ms += 1000;
		open = vrng_pool_take(&rig->pool);
		assert_int_equal(vrng_buf_read(open, out, 32), 32);
		assert_int_equal(rig_post(rig), 1);
		assert_int_equal(rig->posted[0]->asked,
				 64 - vrng_buf_unread(open) -
					 rig->pool.ready_bytes);
		rig_answer_all(rig);
		assert_int_equal(unread_bytes(rig), 64);
		vrng_pool_trim(&rig->pool, 64 - vrng_buf_unread(open));
		if (vrng_buf_unread(open))
			assert_int_equal(vrng_buf_read(open, out, 32), 32);
		vrng_pool_release(&rig->pool, open);
		rig_post(rig);
		rig_answer_all(rig);
		assert_int_equal(unread_bytes(rig), 64);
	}
	assert_int_equal(rig->pool.stats.discarded, 0);
}

/* One small buffer, as a device has until it is read a lot. */
static void rig_shrink(struct rig *rig, struct vrng_buf *small, u8 *data)
{
	*small = (struct vrng_buf){ .data = data };
	vrng_pool_replace(&rig->pool, small, 1, 64);
}

static void small_pool_is_outgrown_by_a_stream_only(void **state)
{
	struct rig *rig = *state;
	struct vrng_buf small;
	u8 data[64] = { 0 };
	u32 i;

	rig_shrink(rig, &small, data);
	for (i = 0; i < 10; i++) {
		rig->now_ms += VRNG_STREAM_GAP_MS + 1;
		assert_int_equal(rig_post(rig), 1);
		rig_answer_all(rig);
		rig_drain(rig);
		assert_false(rig->pool.outgrown);
	}
	for (i = 0; i < 3; i++) {
		assert_false(rig->pool.outgrown);
		assert_int_equal(rig_post(rig), 1);
		assert_int_equal(rig->pool.window, 64);
		rig_answer_all(rig);
		rig_drain(rig);
	}
	rig_post(rig);
	assert_true(rig->pool.outgrown);
}

static void replaced_buffer_gives_its_bytes_and_goes(void **state)
{
	struct rig *rig = *state;
	struct vrng_buf small, *open;
	u8 data[64] = { 0 }, out[64];

	rig_shrink(rig, &small, data);
	assert_int_equal(rig_post(rig), 1);
	vrng_pool_replace(&rig->pool, rig->bufs, DEPTH, SIZE);
	assert_int_equal(rig->pool.strays, 1);
	rig_answer_all(rig);
	open = vrng_pool_take(&rig->pool);
	assert_ptr_equal(open, &small);
	assert_int_equal(vrng_buf_read(open, out, 64), 64);
	assert_int_equal(out[0], stream_byte(0));
	vrng_pool_release(&rig->pool, open);
	assert_int_equal(rig->pool.strays, 0);
	assert_int_equal(rig->pool.idle.count, DEPTH);
	assert_zero(data, sizeof(data));
	assert_true(rig_post(rig) > 0);
	assert_ptr_not_equal(rig->posted[0], &small);
}

static void pool_without_buffers_asks_for_nothing(void **state)
{
	struct rig *rig = *state;

	rig_post(rig);
	vrng_pool_discard(&rig->pool);
	vrng_pool_replace(&rig->pool, NULL, 0, 0);
	assert_int_equal(rig_post(rig), 0);
	rig_answer(rig, 64, 64);
	assert_null(vrng_pool_take(&rig->pool));
	assert_int_equal(rig->pool.strays, 0);
	assert_int_equal(rig_post(rig), 0);
	assert_wiped(rig);
}

static void discard_drops_what_is_ready(void **state)
{
	struct rig *rig = *state;

	rig_post(rig);
	rig_answer_all(rig);
	vrng_pool_discard(&rig->pool);
	assert_null(vrng_pool_take(&rig->pool));
	assert_wiped(rig);
	assert_accounted(rig);
	assert_int_equal(rig->pool.stats.discarded, 64);
	assert_int_equal(rig->pool.generation, 1);
}

static void discard_drops_what_arrives_late(void **state)
{
	struct rig *rig = *state;
	struct vrng_buf *open;
	u8 out[64];

	rig_post(rig);
	vrng_pool_discard(&rig->pool);
	assert_int_equal(rig->pool.posted_bytes, 0);
	assert_int_equal(rig_post(rig), 1); /* asked anew, in this generation */
	assert_int_equal(rig->pool.posted, 2);

	rig_answer(rig, 64, 64); /* the old one */
	assert_null(vrng_pool_take(&rig->pool));
	assert_wiped(rig);
	assert_int_equal(rig->pool.stats.discarded, 64);

	rig_answer(rig, 64, 64); /* the new one */
	open = vrng_pool_take(&rig->pool);
	assert_int_equal(vrng_buf_read(open, out, 64), 64);
	assert_int_equal(out[0], stream_byte(64));
	assert_int_equal(rig->pool.posted_bytes, 0);
}

static void abandoned_buffers_are_wiped_whatever_the_device_wrote(void **state)
{
	struct rig *rig = *state;
	struct vrng_buf *buf;

	rig_post(rig);
	buf = rig_unqueue(rig, 0);
	memset(buf->data, 0xa5, SIZE);
	vrng_pool_abandon(&rig->pool, buf);
	assert_wiped(rig);
	assert_int_equal(rig->pool.posted, 0);
	assert_int_equal(rig->pool.posted_bytes, 0);
	assert_int_equal(rig_post(rig), 1);
}

static void refused_post_leaves_no_trace(void **state)
{
	struct rig *rig = *state;

	rig_post(rig);
	vrng_pool_unpost(&rig->pool, rig_unqueue(rig, 0));
	assert_int_equal(rig->pool.stats.requests, 0);
	assert_int_equal(rig->pool.posted, 0);
	assert_int_equal(rig->pool.posted_bytes, 0);
	assert_int_equal(rig_post(rig), 1);
}

static void old_bytes_expire(void **state)
{
	struct rig *rig = *state;

	rig_post(rig);
	rig_answer_all(rig);
	vrng_pool_expire(&rig->pool, rig->now_ms + 500, 500);
	assert_int_equal(rig->pool.ready_bytes, 64);
	vrng_pool_expire(&rig->pool, rig->now_ms + 501, 500);
	assert_int_equal(rig->pool.ready_bytes, 0);
	assert_null(vrng_pool_take(&rig->pool));
	assert_wiped(rig);
	assert_accounted(rig);
}

/* A host that is too slow: all that it sends expires, and no more is asked for. */
static void expired_bytes_do_not_widen_the_window(void **state)
{
	struct rig *rig = *state;
	u32 rounds;

	for (rounds = 0; rounds < 100; rounds++) {
		assert_int_equal(rig_post(rig), 1);
		rig->now_ms += 6;
		rig_answer_all(rig);
		vrng_pool_expire(&rig->pool, rig->now_ms, 5);
		assert_null(vrng_pool_take(&rig->pool));
		assert_int_equal(rig->pool.window, VRNG_REQUEST_MIN);
	}
	assert_int_equal(rig->pool.stats.requests, 100);
	assert_accounted(rig);
}

/* The reader takes one byte of each buffer, and the rest is dropped: it uses 100. */
static void dropped_bytes_do_not_widen_the_window(void **state)
{
	struct rig *rig = *state;
	struct vrng_buf *open;
	u32 rounds;
	u8 byte;

	for (rounds = 0; rounds < 100; rounds++) {
		rig_post(rig);
		rig_answer_all(rig);
		open = vrng_pool_take(&rig->pool);
		assert_int_equal(vrng_buf_read(open, &byte, 1), 1);
		vrng_pool_release(&rig->pool, open);
		assert_true(rig->pool.window <= 4 * VRNG_REQUEST_MIN);
	}
	assert_accounted(rig);
}

/* With interrupts off, only so much is wiped at once. */
static void much_is_wiped_by_pieces(void **state)
{
	static u8 data[DEPTH][VRNG_BUFFER_SIZE_MAX];
	struct vrng_pool pool;
	struct vrng_buf bufs[DEPTH] = { 0 };
	struct vrng_buf *posted[DEPTH];
	u32 count = 0;
	u32 i;

	(void)state;
	for (i = 0; i < DEPTH; i++)
		bufs[i].data = data[i];
	vrng_pool_init(&pool, bufs, DEPTH, VRNG_BUFFER_SIZE_MAX);
	pool.window = DEPTH * VRNG_BUFFER_SIZE_MAX;
	while (count < DEPTH && (posted[count] = vrng_pool_post(&pool, 1)))
		count++;
	assert_int_equal(count, DEPTH);
	for (i = 0; i < DEPTH; i++) {
		memset(posted[i]->data, 0xa5, posted[i]->asked);
		vrng_pool_filled(&pool, posted[i], posted[i]->asked);
	}

	vrng_pool_discard(&pool);
	assert_int_equal(pool.stats.discarded, sizeof(data));
	for (i = 1; i <= DEPTH; i++) {
		assert_int_equal(pool.idle.count, i);
		assert_int_equal(pool.doomed.count, DEPTH - i);
		assert_null(vrng_pool_take(&pool));
		vrng_pool_wipe(&pool);
	}
	assert_zero(data[0], sizeof(data));
}

static void age_counts_from_the_request_not_the_answer(void **state)
{
	struct rig *rig = *state;

	rig_post(rig);
	rig->now_ms += 501;
	rig_answer_all(rig);
	vrng_pool_expire(&rig->pool, rig->now_ms, 500);
	assert_null(vrng_pool_take(&rig->pool));
}

static void trim_keeps_the_oldest_bytes_and_no_more(void **state)
{
	struct rig *rig = *state;
	struct vrng_buf *open;
	u8 out[SIZE];
	u32 i;

	for (i = 0; i < 5; i++) {
		rig_drain(rig);
		rig_post(rig);
		rig_answer_all(rig);
	}
	assert_int_equal(rig->pool.ready_bytes, 1024);
	vrng_pool_trim(&rig->pool, 64);
	assert_int_equal(rig->pool.ready_bytes, 64);
	assert_int_equal(unread_bytes(rig), 64);
	assert_int_equal(rig->pool.window, 64);
	assert_wiped(rig);
	assert_accounted(rig);

	open = vrng_pool_take(&rig->pool);
	assert_int_equal(vrng_buf_read(open, out, SIZE), 64);
	assert_int_equal(out[0], stream_byte(rig->sent - 1024));
	vrng_pool_release(&rig->pool, open);
	assert_null(vrng_pool_take(&rig->pool));
}

/* What the driver does when its reader stopped; see vrng_queue_trim(). */
static void rig_rest(struct rig *rig, struct vrng_buf *open)
{
	u32 keep = VRNG_REQUEST_MIN;

	rig->pool.stats.discarded += vrng_buf_cut(open, keep);
	vrng_pool_trim(&rig->pool, keep - vrng_buf_unread(open));
}

/* And to give one more of its bytes; see vrng_read(). */
static void rig_read_on(struct rig *rig, struct vrng_buf *open, u8 *out,
			u32 len)
{
	u32 done = vrng_buf_read(open, out, len);

	while (done < len) {
		vrng_pool_release(&rig->pool, open);
		rig_post(rig);
		rig_answer_all(rig);
		open = vrng_pool_take(&rig->pool);
		assert_non_null(open);
		done += vrng_buf_read(open, out + done, len - done);
	}
	vrng_pool_release(&rig->pool, open);
}

/* A reader stops with @left bytes in its buffer, and then reads 256. */
static void read_across_a_rest(struct rig *rig, u32 left)
{
	struct vrng_buf *open;
	u64 kept, after;
	u8 out[SIZE];
	u32 i;

	vrng_pool_trim(&rig->pool, 0);
	for (i = 0; i < 5; i++) {
		rig_drain(rig);
		rig_post(rig);
		rig_answer_all(rig);
	}
	assert_int_equal(rig->pool.ready_bytes, 1024);
	kept = rig->sent - 1024 + 256 - left;
	open = vrng_pool_take(&rig->pool);
	assert_int_equal(vrng_buf_read(open, out, 256 - left), 256 - left);
	rig_rest(rig, open);
	assert_int_equal(unread_bytes(rig), 64);
	assert_accounted(rig);

	after = rig->sent;
	rig_read_on(rig, open, out, 256);
	for (i = 0; i < 256; i++)
		assert_int_equal(out[i], stream_byte(i < 64 ? kept + i :
							      after + i - 64));
}

/*
 * The hwrng core may ask for more at once than is kept at rest: for 256 bytes on
 * s390x. Then 64 are of before the rest and the others of after it, in order.
 */
static void read_across_a_rest_has_its_bytes_in_order(void **state)
{
	read_across_a_rest(*state, 156);
	read_across_a_rest(*state, 40);
}

/* The device answers its oldest request with @value throughout. */
static void rig_answer_stuck(struct rig *rig, u8 value)
{
	struct vrng_buf *buf = rig_unqueue(rig, 0);

	memset(buf->data, value, buf->asked);
	vrng_pool_filled(&rig->pool, buf, buf->asked);
}

static void failing_stream_is_withheld_until_it_is_good_again(void **state)
{
	struct rig *rig = *state;
	u32 tries;

	rig->pool.health_on = true;
	rig_post(rig);
	rig_answer_stuck(rig, 0xff);
	assert_null(vrng_pool_take(&rig->pool));
	assert_wiped(rig);
	assert_int_equal(rig->pool.health.episodes, 1);
	assert_int_equal(rig->pool.stats.withheld, 64);

	for (tries = 0; rig->pool.health.bad; tries++) {
		rig->now_ms += VRNG_BARREN_MS;
		rig_post(rig);
		rig_answer_all(rig);
		assert_null(vrng_pool_take(&rig->pool));
	}
	assert_int_equal(tries, 1024 / 64);
	rig_post(rig);
	rig->now_ms += VRNG_BARREN_MS;
	rig_post(rig);
	rig_answer_all(rig);
	assert_non_null(vrng_pool_take(&rig->pool));
	assert_accounted(rig);
}

static void failing_stream_is_served_if_nobody_asked_for_tests(void **state)
{
	struct rig *rig = *state;

	rig_post(rig);
	rig_answer_stuck(rig, 0xff);
	assert_non_null(vrng_pool_take(&rig->pool));
}

static void barren_host_is_asked_at_a_measured_pace(void **state)
{
	struct rig *rig = *state;
	u32 i;

	for (i = 0; i < VRNG_BARREN_MAX; i++) {
		assert_int_equal(vrng_pool_pause(&rig->pool, rig->now_ms), 0);
		assert_int_equal(rig_post(rig), 1);
		rig_answer(rig, 0, 0);
	}
	assert_int_equal(rig_post(rig), 0);
	assert_int_equal(vrng_pool_pause(&rig->pool, rig->now_ms),
			 VRNG_BARREN_MS);
	rig->now_ms += VRNG_BARREN_MS - 1;
	assert_int_equal(rig_post(rig), 0);
	rig->now_ms++;
	assert_int_equal(rig_post(rig), 1);
	rig_answer(rig, 64, 64);
	assert_int_equal(vrng_pool_pause(&rig->pool, rig->now_ms), 0);
}

static u32 rand_u32(u64 *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (u32)(*seed >> 33);
}

/* A naive model of the pool: what the reader must get next. */
struct twin {
	u64 expect[1 << 16]; /* stream positions, in order */
	u32 head, tail;
};

static void twin_answer(struct twin *twin, struct rig *rig, u64 *seed)
{
	const u32 index = rand_u32(seed) % rig->posted_count;
	struct vrng_buf *buf = rig_unqueue(rig, index);
	const bool stale = buf->generation != rig->pool.generation;
	const u32 used = rand_u32(seed) % (buf->asked + 20);
	const u32 kept = used > buf->asked ? buf->asked : used;
	u32 i;

	for (i = 0; i < buf->asked; i++)
		buf->data[i] = stream_byte(rig->sent + i);
	for (i = 0; i < kept && !stale; i++)
		twin->expect[twin->tail++ & 0xffff] = rig->sent + i;
	rig->sent += buf->asked;
	assert_int_equal(vrng_pool_filled(&rig->pool, buf, used),
			 used <= buf->asked);
}

static void twin_read(struct twin *twin, struct rig *rig,
		      struct vrng_buf **open, u64 *seed)
{
	u8 out[SIZE];
	u32 got, i;

	if (!*open)
		*open = vrng_pool_take(&rig->pool);
	if (!*open) {
		assert_int_equal(twin->head, twin->tail);
		return;
	}
	got = vrng_buf_read(*open, out, rand_u32(seed) % 200);
	for (i = 0; i < got; i++)
		assert_int_equal(
			out[i],
			stream_byte(twin->expect[twin->head++ & 0xffff]));
	if (!vrng_buf_unread(*open)) {
		vrng_pool_release(&rig->pool, *open);
		*open = NULL;
	}
}

static void twin_discard(struct twin *twin, struct rig *rig,
			 struct vrng_buf **open)
{
	if (*open)
		vrng_pool_release(&rig->pool, *open);
	*open = NULL;
	vrng_pool_discard(&rig->pool);
	twin->head = twin->tail;
}

static void random_walk_agrees_with_a_naive_twin(void **state)
{
	struct rig *rig = *state;
	struct vrng_buf *open = NULL;
	struct twin *twin = calloc(1, sizeof(*twin));
	u64 seed = SEED;
	u32 step;

	assert_non_null(twin);
	print_message("# seed %u\n", SEED);
	for (step = 0; step < 200000; step++) {
		rig->now_ms += rand_u32(&seed) % 8 == 0 ? 150 : 1;
		switch (rand_u32(&seed) % 16) {
		case 0:
			twin_discard(twin, rig, &open);
			break;
		case 1 ... 4:
			rig_post(rig);
			break;
		case 5 ... 8:
			if (rig->posted_count)
				twin_answer(twin, rig, &seed);
			break;
		default:
			twin_read(twin, rig, &open, &seed);
		}
		assert_accounted(rig);
		assert_int_equal(rig->pool.posted, rig->posted_count);
		assert_true(rig->pool.window <= DEPTH * SIZE);
	}
	assert_true(rig->pool.stats.read > 100000);
	free(twin);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_request_is_as_small_as_the_in_tree_drivers),
		TEST(bytes_come_out_in_order_and_are_wiped_behind),
		TEST(overlong_length_is_clamped_and_reported),
		TEST(exact_length_is_no_lie),
		TEST(short_length_keeps_only_what_was_claimed),
		TEST(empty_completion_makes_the_buffer_idle_again),
		TEST(window_doubles_in_a_stream_up_to_the_pool),
		TEST(window_begins_anew_after_a_pause),
		TEST(next_batch_waits_until_three_quarters_are_used_up),
		TEST(what_is_kept_at_rest_is_made_up_to_the_byte),
		TEST(small_pool_is_outgrown_by_a_stream_only),
		TEST(replaced_buffer_gives_its_bytes_and_goes),
		TEST(pool_without_buffers_asks_for_nothing),
		TEST(discard_drops_what_is_ready),
		TEST(discard_drops_what_arrives_late),
		TEST(abandoned_buffers_are_wiped_whatever_the_device_wrote),
		TEST(refused_post_leaves_no_trace),
		TEST(old_bytes_expire),
		TEST(much_is_wiped_by_pieces),
		TEST(expired_bytes_do_not_widen_the_window),
		TEST(dropped_bytes_do_not_widen_the_window),
		TEST(age_counts_from_the_request_not_the_answer),
		TEST(trim_keeps_the_oldest_bytes_and_no_more),
		TEST(read_across_a_rest_has_its_bytes_in_order),
		TEST(failing_stream_is_withheld_until_it_is_good_again),
		TEST(failing_stream_is_served_if_nobody_asked_for_tests),
		TEST(barren_host_is_asked_at_a_measured_pace),
		TEST(random_walk_agrees_with_a_naive_twin),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
