// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "tests/device/entropy/request_buffer.h"
#include "rngd/base/locked.h"
#include "tests/device/entropy/shared_source.h"
#include "tests/device/entropy/prefetch_ring.h"
#include "tests/device/runtime/fork_signs.h"

#define STOCK_SIZE (REQUEST_BUFFER_AHEAD + REQUEST_BUFFER_MAX)

int request_buffer_init(struct request_buffer *buffer,
			struct shared_source *shared,
			struct prefetch_ring *prefetch, struct vrng_log *log,
			uint64_t max, uint64_t period_ns)
{
	*buffer = (struct request_buffer){ .shared = shared,
					   .prefetch = prefetch,
					   .wait_fd = -1 };
	rate_limit_init(&buffer->limit, max, period_ns);
	buffer->stock = vrng_locked_alloc(STOCK_SIZE, log);
	return buffer->stock ? 0 : -ENOMEM;
}

void request_buffer_share(struct request_buffer *buffer,
			  struct total_limit *total)
{
	buffer->total = total;
}

/* What is read ahead is no more than a period may carry. */
static size_t ring_goal(const struct request_buffer *buffer)
{
	const uint64_t in_all =
		buffer->total ? total_limit_max(buffer->total) : 0;
	const uint64_t max = buffer->limit.max;
	size_t goal = buffer->prefetch->size;

	if (max && max < goal)
		goal = (size_t)max;
	return in_all && in_all < goal ? (size_t)in_all : goal;
}

void request_buffer_limit(struct request_buffer *buffer, uint64_t max,
			  uint64_t period_ns)
{
	if (max == buffer->limit.max && period_ns == buffer->limit.period)
		return;
	rate_limit_init(&buffer->limit, max, period_ns);
	if (buffer->open && !buffer->shared)
		prefetch_want(buffer->prefetch, ring_goal(buffer));
}

void request_buffer_done(struct request_buffer *buffer)
{
	request_buffer_close(buffer);
	vrng_locked_free(buffer->stock, STOCK_SIZE);
	buffer->stock = NULL;
}

/* Tell the caller how to wait for the source; it returns -EAGAIN. */
static ssize_t wait_until(struct request_buffer *buffer, int fd, uint64_t when)
{
	buffer->limited = false;
	buffer->wait_fd = fd;
	buffer->again = when;
	return -EAGAIN;
}

/* The same for a limit. */
static ssize_t wait_limited(struct request_buffer *buffer, uint64_t when)
{
	wait_until(buffer, -1, when);
	buffer->limited = true;
	return -EAGAIN;
}

static ssize_t draw(struct request_buffer *buffer, void *buf, size_t len,
		    uint64_t now)
{
	struct shared_source_wait wait;
	ssize_t n;

	if (buffer->shared) {
		n = shared_source_read(buffer->shared, buf, len, now, &wait);
		return n >= 0 ? n : wait_until(buffer, wait.fd, wait.when);
	}
	n = (ssize_t)prefetch_draw(buffer->prefetch, buf, len);
	return n ? n : wait_until(buffer, buffer->prefetch->data, 0);
}

/* Move the unused bytes to the front of the stock, and wipe behind them. */
static void stock_move(struct request_buffer *buffer)
{
	size_t have = buffer->end - buffer->at;

	if (!buffer->at)
		return;
	memmove(buffer->stock, buffer->stock + buffer->at, have);
	explicit_bzero(buffer->stock + have, buffer->end - have);
	buffer->at = 0;
	buffer->end = have;
}

/* Wipe what was drawn under another tag than @tag. */
static void forget(struct request_buffer *buffer, uint64_t tag)
{
	explicit_bzero(buffer->stock + buffer->at, buffer->end - buffer->at);
	buffer->at = buffer->end = 0;
	buffer->tag = tag;
	buffer->forks++;
}

bool request_buffer_is_void(struct request_buffer *buffer)
{
	const uint64_t tag = fork_signs_now(buffer->signs);

	if (tag == buffer->tag)
		return false;
	forget(buffer, tag);
	return true;
}

/* Draw until there are @want bytes, as far as the source has them. */
static void stock_up(struct request_buffer *buffer, size_t want, uint64_t now)
{
	size_t goal = want < REQUEST_BUFFER_AHEAD ? REQUEST_BUFFER_AHEAD : want;
	ssize_t n;

	if (buffer->limit.max ||
	    (buffer->total && total_limit_max(buffer->total)))
		goal = want;
	(void)request_buffer_is_void(buffer);
	if (!fork_signs_settled(buffer->signs)) {
		(void)wait_until(buffer, -1, now + FORK_SIGNS_SETTLE_NS);
		return;
	}
	if (!buffer->shared)
		(void)prefetch_forget(buffer->prefetch, buffer->tag);
	stock_move(buffer);
	n = draw(buffer, buffer->stock + buffer->end, goal - buffer->end, now);
	if (n > 0)
		buffer->end += (size_t)n;
}

/* Draw the first bytes at once, because the first read opens the source. */
void request_buffer_open(struct request_buffer *buffer, uint64_t now)
{
	if (buffer->open)
		return;
	buffer->open = true;
	if (!buffer->shared) {
		prefetch_want(buffer->prefetch, ring_goal(buffer));
		return;
	}
	shared_source_use(buffer->shared);
	if (buffer->at == buffer->end)
		stock_up(buffer, 1, now);
}

void request_buffer_close(struct request_buffer *buffer)
{
	if (!buffer->open)
		return;
	buffer->open = false;
	if (buffer->shared)
		shared_source_leave(buffer->shared);
	else
		prefetch_want(buffer->prefetch, 0);
}

ssize_t request_buffer_peek(struct request_buffer *buffer,
			    unsigned char **bytes, size_t len, uint64_t now)
{
	uint64_t when = 0;
	size_t have;

	len = rate_limit_allow(&buffer->limit, now, len);
	if (!len)
		return wait_limited(buffer, rate_limit_when(&buffer->limit));
	if (buffer->end - buffer->at < len)
		stock_up(buffer, len, now);
	have = buffer->end - buffer->at;
	*bytes = buffer->stock + buffer->at;
	if (!have)
		return -EAGAIN;
	if (len > have)
		len = have;
	if (buffer->total)
		len = total_limit_take(buffer->total, &buffer->place, now, len,
				       &when);
	return len ? (ssize_t)len : wait_limited(buffer, when);
}

void request_buffer_take(struct request_buffer *buffer, size_t n, uint64_t now)
{
	rate_limit_take(&buffer->limit, now, n);
	explicit_bzero(buffer->stock + buffer->at, n);
	buffer->at += n;
}
