/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source and those who draw on it: open while there is anyone, each byte
 * given to one of them alone.
 *
 * Any thread may call, at any time. A call may wait for another one's read,
 * which never waits itself: so this is for sources that compute, and for what
 * has one user only. Failures are as vrng/source.h says.
 */
#ifndef DEVICE_SUPPLY_H
#define DEVICE_SUPPLY_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include "vrng/why.h"

struct vrng_source;

struct supply {
	struct vrng_source *source; /* its own */
	pthread_mutex_t lock; /* over all that follows, and @source */
	unsigned int users;
	bool is_open;
};

/* Parse @spec; nothing is opened. After a failure only done is to be called. */
int supply_init(struct supply *supply, const char *spec, struct vrng_why *why);
void supply_done(struct supply *supply);

const char *supply_name(const struct supply *supply);

/*
 * One user more, who will leave. The first one opens the source; if that fails
 * it is a user all the same, and each read tries again.
 */
int supply_use(struct supply *supply, struct vrng_why *why);
/* The last one closes it. */
void supply_leave(struct supply *supply);

/* As vrng_source_read(); a source that fails is closed, and opened anew. */
ssize_t supply_read(struct supply *supply, void *buf, size_t len,
		    struct vrng_why *why);

/* A descriptor to wait with after -EAGAIN, or -1. */
int supply_fd(struct supply *supply);

#endif
