/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One guest's socket with all that is its own: a thread, a loop, a device, its
 * counters, its lines in the log. What a guest or its front end may make wait
 * (a page of its memory that does not come, say) is this thread and no other.
 *
 * Called from the thread that begins guests and ends them.
 */
#ifndef DEVICE_VHOST_USER_RNG_WORKER_H
#define DEVICE_VHOST_USER_RNG_WORKER_H

#include <pthread.h>
#include <stdbool.h>

#include "tests/device/vhost-user-rng/fault.h"
#include "tests/device/entropy/request_buffer.h"
#include "rngd/base/log.h"
#include "tests/device/runtime/loop.h"
#include "tests/device/vhost-user-rng/connection.h"
#include "tests/device/vhost-user-rng/metrics.h"

#define DEVICE_WORKER_MAX   64 /* sockets in a process; sigbus.h depends on it */
#define DEVICE_WORKER_STACK (256 * 1024) /* bytes */
#define DEVICE_WORKER_FDS   32 /* with messages on the way, at most */
#define DEVICE_WORKER_DATA \
	(4UL << 20) /* bytes, at most; it takes some 0.4 MiB */
#define DEVICE_WORKER_END_NS 1000000000ULL /* what a thread has to end in */

struct device_worker {
	/* to be filled in before device_worker_start() */
	struct vrng_log log;
	struct request_buffer buffer;
	struct faults faults;
	struct connection connection; /* its first group, but loop and say */
	int changed; /* eventfd, written when a guest goes or the thread ends */

	/* the rest is its own */
	struct metrics metrics;
	struct loop loop;
	struct loop_watch wake;
	pthread_t thread;
	bool running; /* there is a thread to join */
	int end; /* eventfd, written when it ends */
	bool ended; /* set by the thread, last; atomic */
};

/* Listen, or begin to connect; nobody is served yet. */
int device_worker_start(struct device_worker *worker, struct vrng_error *error);

/* Serve, in a thread of its own. All guests are started before any is run. */
int device_worker_run(struct device_worker *worker, struct vrng_error *error);

/* Has it come to its end by itself? @worker->server tells how. */
bool device_worker_ended(const struct device_worker *worker);

/* Ask it to end; returns at once. */
void device_worker_stop(struct device_worker *worker);

/*
 * Wait for its end, until @until at most. False: it hangs, and nothing of it
 * must be freed.
 */
bool device_worker_join(struct device_worker *worker, uint64_t until);

#endif
