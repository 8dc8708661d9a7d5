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

void vrng_pool_replace(struct vrng_pool *pool, struct vrng_buf *bufs, u32 depth,
		       u32 buffer_size)
{
	u32 i;

	pool->strays += pool->depth - pool->idle.count - pool->lost;
	pool->lost = 0;
	pool->idle = (struct vrng_buf_list){ NULL, NULL, 0 };
	pool->bufs = bufs;
	pool->depth = depth;
	pool->buffer_size = buffer_size;
	pool->outgrown = false;
	pool->used_up = 0;
	for (i = 0; i < depth; i++) {
		bufs[i].size = buffer_size;
		bufs[i].state = VRNG_BUF_IDLE;
		vrng_list_push(&pool->idle, &bufs[i]);
	}
}

void vrng_pool_init(struct vrng_pool *pool, struct vrng_buf *bufs, u32 depth,
		    u32 buffer_size)
{
	memset(pool, 0, sizeof(*pool));
	pool->window = VRNG_REQUEST_MIN;
	vrng_pool_replace(pool, bufs, depth, buffer_size);
}

static bool vrng_pool_is_stray(const struct vrng_pool *pool,
			       const struct vrng_buf *buf)
{
	return !pool->depth || buf < pool->bufs ||
	       buf >= pool->bufs + pool->depth;
}

u32 vrng_pool_ahead(const struct vrng_pool *pool)
{
	const u32 open = pool->open ? vrng_buf_unread(pool->open) : 0;

	return pool->posted_bytes + pool->ready_bytes + open;
}

static void vrng_pool_window_reset(struct vrng_pool *pool)
{
	pool->window = VRNG_REQUEST_MIN;
	pool->used_up = 0;
}

static void vrng_pool_window_double(struct vrng_pool *pool)
{
	const u32 max = pool->depth * pool->buffer_size;

	if (pool->window >= max) {
		/* One read more than twice: not for what is read at boot. */
		pool->outgrown = pool->used_up > 2 * max;
		return;
	}
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

/* Little enough ahead of the reader to ask for more. */
static u32 vrng_pool_low_mark(const struct vrng_pool *pool)
{
	return pool->window > VRNG_REQUEST_MIN ? pool->window / 4 :
						 pool->window / 2;
}

/* Is so little ahead, and can half of the window be asked for in one batch? */
static bool vrng_pool_is_low(const struct vrng_pool *pool)
{
	const u32 ahead = vrng_pool_ahead(pool);

	if (!ahead)
		return pool->idle.count;
	return ahead <= vrng_pool_low_mark(pool) &&
	       pool->idle.count * vrng_pool_request_size(pool) >=
		       pool->window / 2;
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
	return vrng_pool_ahead(pool) <= vrng_pool_low_mark(pool);
}

struct vrng_buf *vrng_pool_post(struct vrng_pool *pool, u64 now_ms)
{
	const u32 ahead = vrng_pool_ahead(pool);
	u32 size = vrng_pool_request_size(pool);
	struct vrng_buf *buf;

	if (ahead && ahead + size > pool->window) {
		/* What is kept at rest is made up to the byte. */
		if (pool->window > VRNG_REQUEST_MIN || ahead >= pool->window)
			return NULL;
		size = pool->window - ahead;
	}
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
	if (vrng_pool_is_stray(pool, buf))
		pool->strays--;
	else
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
	memzero_explicit(buf->data, buf->size);
	vrng_pool_put_idle(pool, buf);
}

void vrng_pool_lose(struct vrng_pool *pool, struct vrng_buf *buf)
{
	vrng_pool_returned(pool, buf);
	memzero_explicit(buf->data, buf->size);
	buf->state = VRNG_BUF_LOST;
	/* Larger buffers may take the place of the small ones. */
	pool->outgrown = true;
	if (vrng_pool_is_stray(pool, buf))
		pool->strays--;
	else
		pool->lost++;
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
	pool->open = buf;
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
	if (buf == pool->open)
		pool->open = NULL;
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
