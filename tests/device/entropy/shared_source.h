/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source and those who draw on it: open while there is anyone, taken up again
 * when it fails, each byte given to one of them alone.
 *
 * Any thread may call, at any time. A call may wait for another one's read,
 * which never waits itself. Times are vrng_now()'s.
 */
#ifndef DEVICE_ENTROPY_SHARED_SOURCE_H
#define DEVICE_ENTROPY_SHARED_SOURCE_H

#include <pthread.h>
#include <stdint.h>
#include <sys/types.h>

#include "rngd/sources/keeper.h"
#include "vrng/error.h"

struct vrng_log;

/* What a source can do without, and with whom it may be shared. */
enum shared_source_kind {
	SHARED_SOURCE_EACH, /* computes, and two of it are as good as one */
	SHARED_SOURCE_ONE, /* computes, one stream for all */
	SHARED_SOURCE_FETCHED, /* opens, connects, runs: in a process of its own */
};

struct shared_source {
	struct vrng_source *source; /* its own */
	struct vrng_log *log;
	pthread_mutex_t lock; /* over all that follows, and @source */
	struct vrng_keeper keeper;
	unsigned int users;
};

/* When to draw again, after -EAGAIN. */
struct shared_source_wait {
	int fd; /* when this is readable, or -1 */
	uint64_t when; /* and then at the latest; 0: never */
};

/*
 * Parse @spec; nothing is opened. After a failure only done is to be called.
 * @log hears of the source's end, failure and return, one line each, with
 * @consequence in it, which must live as long.
 */
int shared_source_init(struct shared_source *shared, const char *spec,
		       const char *consequence, struct vrng_log *log,
		       struct vrng_error *error);
void shared_source_done(struct shared_source *shared);

const char *shared_source_name(const struct shared_source *shared);
enum shared_source_kind shared_source_kind(const struct shared_source *shared);

/* One user more, who will leave. The last one to do so closes the source. */
void shared_source_use(struct shared_source *shared);
void shared_source_leave(struct shared_source *shared);

/*
 * Up to @len bytes into @buf: their number, or -EAGAIN with @wait filled. A
 * source that has failed is -EAGAIN too.
 */
ssize_t shared_source_read(struct shared_source *shared, void *buf, size_t len,
			   uint64_t now, struct shared_source_wait *wait);

/* Nothing is wanted for now: what comes late is no stall. */
void shared_source_rest(struct shared_source *shared);

#endif
