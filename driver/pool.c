// SPDX-License-Identifier: GPL-2.0-only
/* The read-ahead pool; pool.h draws how buffers travel. */
#include "pool.h"

static void vrng_list_push(struct vrng_buf_list *list, struct vrng_buf *buf)
{
	buf->next = NULL;
	if (list->tail)
		list->tail->next = buf;
	else
		list->head = buf;
	list->tail = buf;
	list->count++;
}

static struct vrng_buf *vrng_list_pop(struct vrng_buf_list *list)
{
	struct vrng_buf *buf = list->head;

	if (!buf)
		return NULL;
	list->head = buf->next;
	if (!list->head)
		list->tail = NULL;
	buf->next = NULL;
	list->count--;
	return buf;
}

void vrng_pool_init(struct vrng_pool *pool, struct vrng_buf *bufs, u32 depth,
		    u32 buffer_size)
{
	u32 i;

	memset(pool, 0, sizeof(*pool));
	pool->bufs = bufs;
	pool->depth = depth;
	pool->buffer_size = buffer_size;
	pool->window = VRNG_REQUEST_MIN;
	for (i = 0; i < depth; i++) {
		bufs[i].state = VRNG_BUF_IDLE;
		vrng_list_push(&pool->idle, &bufs[i]);
	}
}

/* Bytes that are posted or ready. */
static u32 vrng_pool_ahead(const struct vrng_pool *pool)
{
	return pool->posted_bytes + pool->ready_bytes;
}

static void vrng_pool_window_reset(struct vrng_pool *pool)
{
	pool->window = VRNG_REQUEST_MIN;
	pool->used_up = 0;
}

static void vrng_pool_window_double(struct vrng_pool *pool)
{
	const u32 max = pool->depth * pool->buffer_size;

	pool->window = pool->window > max / 2 ? max : pool->window * 2;
	pool->used_up = 0;
}

/*
 * A quarter of the window. The device works on one request while the reader
 * drains another, even on a ring of four entries.
 */
static u32 vrng_pool_request_size(const struct vrng_pool *pool)
{
	const u32 quarter = pool->window / 4;

	if (quarter < VRNG_REQUEST_MIN)
		return VRNG_REQUEST_MIN;
	return quarter < pool->buffer_size ? quarter : pool->buffer_size;
}

/* Is half of the window used up, and can it be asked for in one batch? */
static bool vrng_pool_is_low(const struct vrng_pool *pool)
{
	const u32 ahead = vrng_pool_ahead(pool);
	const u32 half = pool->window / 2;

	if (!ahead)
		return pool->idle.count;
	return ahead <= half &&
	       pool->idle.count * vrng_pool_request_size(pool) >= half;
}

u64 vrng_pool_pause(const struct vrng_pool *pool, u64 now_ms)
{
	const u64 since = now_ms - pool->batch_ms;

	if (pool->barren < VRNG_BARREN_MAX || since >= VRNG_BARREN_MS)
		return 0;
	return VRNG_BARREN_MS - since;
}

bool vrng_pool_wants(struct vrng_pool *pool, u64 now_ms)
{
	if (!vrng_pool_is_low(pool) || vrng_pool_pause(pool, now_ms))
		return false;

	if (now_ms - pool->batch_ms > VRNG_STREAM_GAP_MS)
		vrng_pool_window_reset(pool);
	else if (pool->used_up >= pool->window / 2)
		vrng_pool_window_double(pool);

	/* The window may have shrunk below what is posted and ready. */
	return vrng_pool_ahead(pool) <= pool->window / 2;
}

struct vrng_buf *vrng_pool_post(struct vrng_pool *pool, u64 now_ms)
{
	const u32 size = vrng_pool_request_size(pool);
	const u32 ahead = vrng_pool_ahead(pool);
	struct vrng_buf *buf;

	if (ahead && ahead + size > pool->window)
		return NULL;
	buf = vrng_list_pop(&pool->idle);
	if (!buf)
		return NULL;

	buf->state = VRNG_BUF_POSTED;
	buf->asked = size;
	buf->len = 0;
	buf->pos = 0;
	buf->generation = pool->generation;
	buf->since_ms = now_ms;
	pool->batch_ms = now_ms;
	pool->posted++;
	pool->posted_bytes += size;
	pool->stats.requests++;
	return buf;
}

static void vrng_pool_put_idle(struct vrng_pool *pool, struct vrng_buf *buf)
{
	buf->state = VRNG_BUF_IDLE;
	buf->len = 0;
	buf->pos = 0;
	vrng_list_push(&pool->idle, buf);
}

static void vrng_pool_returned(struct vrng_pool *pool,
			       const struct vrng_buf *buf)
{
	pool->posted--;
	if (buf->generation == pool->generation)
		pool->posted_bytes -= buf->asked;
}

void vrng_pool_unpost(struct vrng_pool *pool, struct vrng_buf *buf)
{
	pool->stats.requests--;
	vrng_pool_returned(pool, buf);
	vrng_pool_put_idle(pool, buf);
}

void vrng_pool_abandon(struct vrng_pool *pool, struct vrng_buf *buf)
{
	vrng_pool_returned(pool, buf);
	/* The device may have written to it without an answer. */
	memzero_explicit(buf->data, pool->buffer_size);
	vrng_pool_put_idle(pool, buf);
}

u32 vrng_pool_lose(struct vrng_pool *pool)
{
	u32 lost = 0;
	u32 i;

	for (i = 0; i < pool->depth; i++) {
		if (pool->bufs[i].state != VRNG_BUF_POSTED)
			continue;
		vrng_pool_returned(pool, &pool->bufs[i]);
		memzero_explicit(pool->bufs[i].data, pool->buffer_size);
		pool->bufs[i].state = VRNG_BUF_LOST;
		lost++;
	}
	return lost;
}

static bool vrng_pool_is_healthy(struct vrng_pool *pool,
				 const struct vrng_buf *buf)
{
	if (!pool->health_on)
		return true;
	if (vrng_health_pass(&pool->health, buf->data, buf->len))
		return true;
	pool->stats.withheld += buf->len;
	return false;
}

bool vrng_pool_filled(struct vrng_pool *pool, struct vrng_buf *buf, u32 used)
{
	const bool honest = used <= buf->asked;

	if (!honest) {
		used = buf->asked;
		pool->stats.overlong++;
	}
	if (!used)
		pool->stats.empty++;
	pool->stats.received += used;
	vrng_pool_returned(pool, buf);

	/* The device may have written more than it claims. */
	memzero_explicit(buf->data + used, buf->asked - used);
	buf->len = used;
	if (buf->generation != pool->generation) {
		vrng_pool_release(pool, buf);
		return honest;
	}
	if (!used || !vrng_pool_is_healthy(pool, buf)) {
		pool->barren++;
		vrng_pool_release(pool, buf);
		return honest;
	}
	pool->barren = 0;
	buf->state = VRNG_BUF_READY;
	pool->ready_bytes += used;
	vrng_list_push(&pool->ready, buf);
	return honest;
}

struct vrng_buf *vrng_pool_take(struct vrng_pool *pool)
{
	struct vrng_buf *buf = vrng_list_pop(&pool->ready);

	if (!buf)
		return NULL;
	pool->ready_bytes -= vrng_buf_unread(buf);
	pool->used_up += vrng_buf_unread(buf);
	buf->state = VRNG_BUF_OPEN;
	return buf;
}

void vrng_pool_release(struct vrng_pool *pool, struct vrng_buf *buf)
{
	const u32 unread = vrng_buf_unread(buf);

	if (buf->state == VRNG_BUF_OPEN)
		pool->used_up -=
			unread < pool->used_up ? unread : pool->used_up;
	pool->stats.read += buf->pos;
	pool->stats.discarded += vrng_buf_cut(buf, 0);
	vrng_pool_put_idle(pool, buf);
}

/* Drop a buffer that was in the ready list. */
static void vrng_pool_doom(struct vrng_pool *pool, struct vrng_buf *buf)
{
	pool->stats.read += buf->pos;
	pool->stats.discarded += vrng_buf_unread(buf);
	buf->state = VRNG_BUF_DOOMED;
	vrng_list_push(&pool->doomed, buf);
}

void vrng_pool_wipe(struct vrng_pool *pool)
{
	u32 wiped = 0;
	struct vrng_buf *buf;

	while (wiped < VRNG_WIPE_BYTES &&
	       (buf = vrng_list_pop(&pool->doomed))) {
		wiped += vrng_buf_cut(buf, 0);
		vrng_pool_put_idle(pool, buf);
	}
}

void vrng_pool_expire(struct vrng_pool *pool, u64 now_ms, u64 max_age_ms)
{
	struct vrng_buf *buf;

	/* Answers come nearly in the order of posting: the head is the oldest. */
	while (pool->ready.head &&
	       vrng_buf_is_older(pool->ready.head, now_ms, max_age_ms)) {
		buf = vrng_list_pop(&pool->ready);
		pool->ready_bytes -= vrng_buf_unread(buf);
		vrng_pool_doom(pool, buf);
	}
	vrng_pool_wipe(pool);
}

void vrng_pool_trim(struct vrng_pool *pool, u32 keep)
{
	struct vrng_buf_list old = pool->ready;
	struct vrng_buf *buf;
	u32 kept;

	pool->ready = (struct vrng_buf_list){ NULL, NULL, 0 };
	pool->ready_bytes = 0;
	while ((buf = vrng_list_pop(&old))) {
		if (!keep) {
			vrng_pool_doom(pool, buf);
			continue;
		}
		pool->stats.discarded += vrng_buf_cut(buf, keep);
		kept = vrng_buf_unread(buf);
		keep -= kept;
		pool->ready_bytes += kept;
		vrng_list_push(&pool->ready, buf);
	}
	vrng_pool_wipe(pool);
	vrng_pool_window_reset(pool);
}

void vrng_pool_discard(struct vrng_pool *pool)
{
	vrng_pool_trim(pool, 0);
	pool->posted_bytes = 0;
	pool->barren = 0;
	pool->generation++;
}
