// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "tests/device/feed.h"
#include "tests/device/supply.h"

void feed_init(struct feed *feed, struct supply *supply, const struct say *to,
	       uint64_t max, uint64_t period_ns)
{
	*feed = (struct feed){ .supply = supply, .say = to, .wait_fd = -1 };
	limit_init(&feed->limit, max, period_ns);
}

static ssize_t wait_until(struct feed *feed, uint64_t when)
{
	feed->wait_fd = -1;
	feed->again = when;
	return -EAGAIN;
}

/* Said once, however often it then fails again. */
static ssize_t failed(struct feed *feed, uint64_t now, const char *what)
{
	if (!feed->backoff)
		say(feed->say,
		    "source %s; the guest gets nothing until it is back", what);
	feed->backoff = feed->backoff ? feed->backoff * 2 : FEED_BACKOFF_NS;
	if (feed->backoff > FEED_BACKOFF_MAX)
		feed->backoff = FEED_BACKOFF_MAX;
	return wait_until(feed, now + feed->backoff);
}

static void succeeded(struct feed *feed)
{
	if (!feed->backoff)
		return;
	say(feed->say, "source %s: gives bytes again",
	    supply_name(feed->supply));
	feed->backoff = 0;
}

void feed_open(struct feed *feed, uint64_t now)
{
	struct vrng_why why;

	if (feed->uses)
		return;
	feed->uses = true;
	if (supply_use(feed->supply, &why))
		failed(feed, now, why.text);
}

void feed_close(struct feed *feed)
{
	if (feed->uses)
		supply_leave(feed->supply);
	feed->uses = false;
	feed->backoff = 0;
	feed->again = 0;
	feed->wait_fd = -1;
}

/*
 * At its end a source stays open: a file may grow and a FIFO get another
 * writer, while a file opened anew would give out its bytes a second time.
 */
static ssize_t ended(struct feed *feed, uint64_t now)
{
	struct vrng_why why;

	vrng_why(&why, ENODATA, "%s: end of file", supply_name(feed->supply));
	return failed(feed, now, why.text);
}

static ssize_t dry(struct feed *feed, uint64_t now)
{
	wait_until(feed, now + FEED_POLL_NS);
	feed->wait_fd = supply_fd(feed->supply);
	return -EAGAIN;
}

ssize_t feed_draw(struct feed *feed, void *buf, size_t len, uint64_t now)
{
	struct vrng_why why;
	ssize_t n;

	if (feed->backoff && now < feed->again)
		return wait_until(feed, feed->again);
	len = limit_allow(&feed->limit, now, len);
	if (!len)
		return wait_until(feed, limit_when(&feed->limit));
	feed_open(feed, now);
	if (feed->backoff && now < feed->again)
		return -EAGAIN;
	n = supply_read(feed->supply, buf, len, &why);
	if (n > 0) {
		succeeded(feed);
		limit_take(&feed->limit, now, (size_t)n);
		return n;
	}
	if (n == -EAGAIN)
		return dry(feed, now);
	if (n == 0)
		return ended(feed, now);
	return failed(feed, now, why.text);
}
