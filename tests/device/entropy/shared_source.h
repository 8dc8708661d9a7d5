/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source with several users. It is open while it has a user, and reopened
 * after a failure (keeper.h). Each byte is given to one user only.
 *
 * Any thread may call at any time. A call may wait for another thread's read,
 * which itself does not wait. Times are vrng_now()'s, in ns.
 */
#ifndef DEVICE_ENTROPY_SHARED_SOURCE_H
#define DEVICE_ENTROPY_SHARED_SOURCE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "rngd/sources/keeper.h"
#include "vrng/error.h"
#include "vrng/opener.h"

struct fork_signs;
struct helper_user;
struct vrng_log;

/* How a source may be used. */
enum shared_source_kind {
	SHARED_SOURCE_EACH, /* computes; each user may have one of its own */
	SHARED_SOURCE_ONE, /* computes, but is one stream for all users */
	SHARED_SOURCE_FETCHED, /* opens files, connects or runs programs: needs a
				* process of its own (source_process.h) */
};

/*
 * What became of the source since the start. It lies in memory that its process
 * shares, if it has one.
 */
struct shared_source_counts {
	uint64_t failures; /* it ended, failed, stalled or was unplugged */
	uint64_t reopens; /* openings after that, those that failed, too */
	uint64_t restarts; /* of its process, which had been killed */
	uint64_t is_down; /* 1 while it has failed, else 0 */
};

struct shared_source {
	struct vrng_source *source; /* owned */
	struct vrng_log *log; /* not owned */
	const struct fork_signs *signs; /* set by the owner; NULL: none */
	const struct helper_user *user; /* set by the owner; of its process */
	struct vrng_opener opener; /* of @source; its process has another one */
	struct shared_source_counts *counts; /* owned; atomic */
	struct shared_source_counts counted; /* of these, by this process */
	pthread_mutex_t lock; /* protects what follows, and reads of @source */
	struct vrng_keeper keeper;
	unsigned int users;
	bool is_stale; /* it may have bytes of before a fork at hand */
	size_t drain; /* bytes to drop of what the source has at hand */
};

/* When to read again, after -EAGAIN. */
struct shared_source_wait {
	int fd; /* when this is readable; -1: none */
	uint64_t when; /* and at this time at the latest; 0: no time */
};

/*
 * Parse @spec (vrng_source_parse()), without opening the source. @log gets one
 * line for each end, failure and return of the source, which says @consequence;
 * that text must stay valid. Returns 0 or a negative errno; after an error only
 * shared_source_done() may be called.
 */
int shared_source_init(struct shared_source *shared, const char *spec,
		       const char *consequence, struct vrng_log *log,
		       struct vrng_error *error);
void shared_source_done(struct shared_source *shared);

/* The source as it was specified. */
const char *shared_source_name(const struct shared_source *shared);
enum shared_source_kind shared_source_kind(const struct shared_source *shared);

/* Its process has to be started again. */
void shared_source_restarts(struct shared_source *shared);

/* A copy. Any process that has the source may call. */
struct shared_source_counts
shared_source_look(const struct shared_source *shared);

/* Add or remove a user. Removing the last one closes the source. */
void shared_source_use(struct shared_source *shared);
void shared_source_leave(struct shared_source *shared);

/*
 * Read up to @len bytes into @buf. Opens the source if it is closed. Returns
 * their number, or -EAGAIN with @wait set, also while the source has failed.
 */
ssize_t shared_source_read(struct shared_source *shared, void *buf, size_t len,
			   uint64_t now, struct shared_source_wait *wait);

/*
 * The machine was forked: close the source, and drop what it has at hand when it is
 * opened again, as the kernel may hold bytes of before the fork.
 */
void shared_source_forget(struct shared_source *shared);

/*
 * No bytes are wanted for now. The time until the next read does not count
 * towards a stall.
 */
void shared_source_rest(struct shared_source *shared);

#endif
