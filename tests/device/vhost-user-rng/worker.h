/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One guest's socket with all that is its own: a thread, a loop, a device, its
 * counters, its lines in the log. What a guest or its front end may make wait
 * (a page of its memory that does not come, say) is this thread and no other.
 *
 * Called from the thread that begins guests and ends them.
 */
#ifndef DEVICE_GUEST_H
#define DEVICE_GUEST_H

#include <pthread.h>
#include <stdbool.h>

#include "tests/device/vhost-user-rng/fault.h"
#include "tests/device/entropy/request_buffer.h"
#include "tests/device/runtime/bounded_log.h"
#include "tests/device/runtime/loop.h"
#include "tests/device/vhost-user-rng/connection.h"
#include "tests/device/vhost-user-rng/stats.h"

#define GUEST_MAX    64 /* sockets in a process; sigbus.h depends on it */
#define GUEST_STACK  (256 * 1024) /* bytes */
#define GUEST_FDS    32 /* with messages on the way, at most */
#define GUEST_DATA   (4UL << 20) /* bytes, at most; it takes some 0.4 MiB */
#define GUEST_END_NS 1000000000ULL /* what a thread has to end in */

struct guest {
	/* to be filled in before guest_start() */
	struct journal journal;
	struct feed feed;
	struct faults faults;
	struct server server; /* its first group, but loop and say */
	int changed; /* eventfd, written when a guest goes or the thread ends */

	/* the rest is its own */
	struct stats stats;
	struct loop loop;
	struct loop_watch wake;
	pthread_t thread;
	bool running; /* there is a thread to join */
	int end; /* eventfd, written when it ends */
	bool ended; /* set by the thread, last; atomic */
};

/* Listen, or begin to connect; nobody is served yet. */
int guest_start(struct guest *guest, struct vrng_why *why);

/* Serve, in a thread of its own. All guests are started before any is run. */
int guest_run(struct guest *guest, struct vrng_why *why);

/* Has it come to its end by itself? @guest->server tells how. */
bool guest_ended(const struct guest *guest);

/* Ask it to end; returns at once. */
void guest_stop(struct guest *guest);

/*
 * Wait for its end, until @until at most. False: it hangs, and nothing of it
 * must be freed.
 */
bool guest_join(struct guest *guest, uint64_t until);

#endif
