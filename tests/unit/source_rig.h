/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of sources: open one, and wait for its bytes for a bounded time. */
#ifndef SOURCE_RIG_H
#define SOURCE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vrng/source.h"

/* The bound: enough for the slowest machine, ms. */
#define RIG_MS 20000

static struct vrng_error rig_why;

static inline struct vrng_source *rig_parse(const char *spec)
{
	struct vrng_source *src = NULL;

	if (vrng_source_parse(&src, spec, &vrng_opener_plain, &rig_why))
		fail_msg("%s: %s", spec, rig_why.text);
	assert_non_null(src);
	return src;
}

static inline struct vrng_source *rig_open(const char *spec)
{
	struct vrng_source *src = rig_parse(spec);

	if (vrng_source_open(src, &rig_why))
		fail_msg("%s: %s", spec, rig_why.text);
	return src;
}

static inline void rig_refused(const char *spec)
{
	struct vrng_source *src;

	rig_why.text[0] = '\0';
	assert_int_equal(vrng_source_parse(&src, spec, &vrng_opener_plain,
					   &rig_why),
			 -EINVAL);
	assert_null(src);
	assert_true(strlen(rig_why.text) > 10);
}

/* True if the source's descriptor polls readable within @ms. */
static inline bool rig_polls(const struct vrng_source *src, int ms)
{
	struct pollfd pfd = { .fd = vrng_source_fd(src), .events = POLLIN };

	assert_true(pfd.fd >= 0);
	return poll(&pfd, 1, ms) == 1 && pfd.revents & POLLIN;
}

/*
 * Read; after -EAGAIN wait until the descriptor is readable, and read again.
 * Returns anything but -EAGAIN.
 */
static inline ssize_t rig_read(struct vrng_source *src, void *buf, size_t len)
{
	ssize_t got;

	rig_why.text[0] = '\0';
	while ((got = vrng_source_read(src, buf, len, &rig_why)) == -EAGAIN)
		assert_true(rig_polls(src, RIG_MS));
	return got;
}

static inline void rig_read_all(struct vrng_source *src, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t got = rig_read(src, (char *)buf + done, len - done);

		if (got <= 0)
			fail_msg("%zd after %zu of %zu bytes: %s", got, done,
				 len, rig_why.text);
		done += (size_t)got;
	}
}

/* The message of the last read contains @text and is one line. */
static inline void rig_said(const char *text)
{
	if (!strstr(rig_why.text, text))
		fail_msg("\"%s\" does not say \"%s\"", rig_why.text, text);
	assert_null(strchr(rig_why.text, '\n'));
}

#endif
