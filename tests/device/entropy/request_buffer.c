// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "tests/device/entropy/request_buffer.h"
#include "tests/device/runtime/secret.h"
#include "tests/device/entropy/source.h"
#include "tests/device/entropy/prefetch_ring.h"

#define STOCK_SIZE (FEED_AHEAD + FEED_MAX)

int feed_init(struct feed *feed, struct supply *supply, struct tank *tank,
	      const struct say *say, uint64_t max, uint64_t period_ns)
{
	*feed = (struct feed){ .supply = supply, .tank = tank, .wait_fd = -1 };
	limit_init(&feed->limit, max, period_ns);
	feed->stock = secret_new(STOCK_SIZE, say);
	return feed->stock ? 0 : -ENOMEM;
}

void feed_done(struct feed *feed)
{
	feed_close(feed);
	secret_free(feed->stock, STOCK_SIZE);
	feed->stock = NULL;
}

static ssize_t wait_until(struct feed *feed, int fd, uint64_t when)
{
	feed->wait_fd = fd;
	feed->again = when;
	return -EAGAIN;
}

static ssize_t draw(struct feed *feed, void *buf, size_t len, uint64_t now)
{
	struct supply_wait wait;
	ssize_t n;

	if (feed->supply) {
		n = supply_read(feed->supply, buf, len, now, &wait);
		return n >= 0 ? n : wait_until(feed, wait.fd, wait.when);
	}
	n = (ssize_t)tank_draw(feed->tank, buf, len);
	return n ? n : wait_until(feed, feed->tank->data, 0);
}

/* To the front, and nothing stays behind. */
static void stock_move(struct feed *feed)
{
	size_t have = feed->end - feed->at;

	if (!feed->at)
		return;
	memmove(feed->stock, feed->stock + feed->at, have);
	explicit_bzero(feed->stock + have, feed->end - have);
	feed->at = 0;
	feed->end = have;
}

/* So that there are @want bytes, if the source has them. */
static void stock_up(struct feed *feed, size_t want, uint64_t now)
{
	size_t goal = want < FEED_AHEAD ? FEED_AHEAD : want;
	ssize_t n;

	stock_move(feed);
	n = draw(feed, feed->stock + feed->end, goal - feed->end, now);
	if (n > 0)
		feed->end += (size_t)n;
}

/* The first bytes are drawn at once: that is what opens a source. */
void feed_open(struct feed *feed, uint64_t now)
{
	if (feed->open)
		return;
	feed->open = true;
	if (feed->supply)
		supply_use(feed->supply);
	else
		tank_want(feed->tank, feed->tank->size);
	if (feed->at == feed->end)
		stock_up(feed, 1, now);
}

void feed_close(struct feed *feed)
{
	if (!feed->open)
		return;
	feed->open = false;
	if (feed->supply)
		supply_leave(feed->supply);
	else
		tank_want(feed->tank, 0);
}

ssize_t feed_peek(struct feed *feed, unsigned char **bytes, size_t len,
		  uint64_t now)
{
	size_t have;

	len = limit_allow(&feed->limit, now, len);
	if (!len)
		return wait_until(feed, -1, limit_when(&feed->limit));
	if (feed->end - feed->at < len)
		stock_up(feed, len, now);
	have = feed->end - feed->at;
	*bytes = feed->stock + feed->at;
	if (!have)
		return -EAGAIN;
	return (ssize_t)(have < len ? have : len);
}

void feed_take(struct feed *feed, size_t n, uint64_t now)
{
	limit_take(&feed->limit, now, n);
	explicit_bzero(feed->stock + feed->at, n);
	feed->at += n;
}
