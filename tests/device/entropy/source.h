/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source and those who draw on it: open while there is anyone, taken up again
 * when it fails, each byte given to one of them alone.
 *
 * Any thread may call, at any time. A call may wait for another one's read,
 * which never waits itself. Times are loop_now()'s.
 */
#ifndef DEVICE_SUPPLY_H
#define DEVICE_SUPPLY_H

#include <pthread.h>
#include <stdint.h>
#include <sys/types.h>

#include "rngd/sources/keeper.h"
#include "vrng/error.h"

struct say;

/* What a source can do without, and with whom it may be shared. */
enum supply_kind {
	SUPPLY_OWN, /* computes, and two of it are as good as one */
	SUPPLY_SHARED, /* computes, one stream for all */
	SUPPLY_FETCHED, /* opens, connects, runs: in a process of its own */
};

struct supply {
	struct vrng_source *source; /* its own */
	const struct say *say;
	pthread_mutex_t lock; /* over all that follows, and @source */
	struct vrng_keeper keeper;
	unsigned int users;
};

/* When to draw again, after -EAGAIN. */
struct supply_wait {
	int fd; /* when this is readable, or -1 */
	uint64_t when; /* and then at the latest; 0: never */
};

/*
 * Parse @spec; nothing is opened. After a failure only done is to be called.
 * @say hears of the source's end, failure and return, one line each, with
 * @consequence in it, which must live as long.
 */
int supply_init(struct supply *supply, const char *spec,
		const char *consequence, const struct say *say,
		struct vrng_why *why);
void supply_done(struct supply *supply);

const char *supply_name(const struct supply *supply);
enum supply_kind supply_kind(const struct supply *supply);

/* One user more, who will leave. The last one to do so closes the source. */
void supply_use(struct supply *supply);
void supply_leave(struct supply *supply);

/*
 * Up to @len bytes into @buf: their number, or -EAGAIN with @wait filled. A
 * source that has failed is -EAGAIN too.
 */
ssize_t supply_read(struct supply *supply, void *buf, size_t len, uint64_t now,
		    struct supply_wait *wait);

/* Nothing is wanted for now: what comes late is no stall. */
void supply_rest(struct supply *supply);

#endif
