// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "vrng/source.h"

#include "tests/device/feed.h"

void feed_init(struct feed *feed, struct vrng_source *source,
	       const struct say *to, uint64_t max, uint64_t period_ns)
{
	*feed = (struct feed){ .source = source, .say = to, .wait_fd = -1 };
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
	    vrng_source_name(feed->source));
	feed->backoff = 0;
}

void feed_open(struct feed *feed, uint64_t now)
{
	struct vrng_why why;

	if (feed->is_open)
		return;
	if (vrng_source_open(feed->source, &why))
		failed(feed, now, why.text);
	else
		feed->is_open = true;
}

void feed_close(struct feed *feed)
{
	if (feed->is_open)
		vrng_source_close(feed->source);
	feed->is_open = false;
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

	vrng_why(&why, ENODATA, "%s: end of file",
		 vrng_source_name(feed->source));
	return failed(feed, now, why.text);
}

static ssize_t dry(struct feed *feed, uint64_t now)
{
	wait_until(feed, now + FEED_POLL_NS);
	feed->wait_fd = vrng_source_fd(feed->source);
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
	if (!feed->is_open)
		return -EAGAIN;
	n = vrng_source_read(feed->source, buf, len, &why);
	if (n > 0) {
		succeeded(feed);
		limit_take(&feed->limit, now, (size_t)n);
		return n;
	}
	if (n == -EAGAIN)
		return dry(feed, now);
	if (n == 0)
		return ended(feed, now);
	vrng_source_close(feed->source);
	feed->is_open = false;
	return failed(feed, now, why.text);
}
