/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A worker: the thread that serves one guest's socket, with a loop, a device,
 * counters and a log of its own. If a guest or its front end makes it wait (for
 * a page of guest memory that does not come, say), only this thread waits.
 *
 * Functions are called by the main thread.
 */
#ifndef DEVICE_VHOST_USER_RNG_WORKER_H
#define DEVICE_VHOST_USER_RNG_WORKER_H

#include <pthread.h>
#include <stdbool.h>

#include "rngd/base/clock.h"
#include "tests/device/vhost-user-rng/fault.h"
#include "tests/device/entropy/request_buffer.h"
#include "rngd/base/log.h"
#include "tests/device/guest-memory/map.h"
#include "tests/device/runtime/loop.h"
#include "tests/device/vhost-user-rng/connection.h"
#include "tests/device/vhost-user-rng/metrics.h"

#define DEVICE_WORKER_STACK (256 * 1024) /* bytes */
/* At most: with those in messages, and the files of the guest's memory. */
#define DEVICE_WORKER_FDS      (32 + MEMMAP_REGIONS)
#define DEVICE_WORKER_FDS_USED 8 /* without those in messages */
#define DEVICE_WORKER_DATA     (4UL << 20) /* bytes at most; 0.4 MiB are used */
#define DEVICE_WORKER_END_NS   VRNG_NS_PER_S /* in which all workers end */

struct device_worker {
	/* to be filled in before device_worker_start() */
	struct vrng_log log;
	struct request_buffer buffer;
	struct faults faults;
	struct connection connection; /* its first group, as far as it is known */
	const char *name; /* of the guest, for its next process */
	int changed; /* eventfd, written when a guest goes or the thread ends */

	/* its own */
	struct metrics metrics;
	struct loop loop;
	struct loop_watch wake;
	pthread_t thread;
	bool running; /* there is a thread to join */
	bool stop; /* its end is asked for; atomic */
	int successor; /* handover.h: to be set before its end is asked for; -1 */
	bool left; /* set by the thread at its end: @successor has the guest */
	pthread_mutex_t lock; /* protects @max and @period_ns */
	uint64_t max; /* the limit; to be filled in before device_worker_again() */
	uint64_t period_ns;
	int end; /* eventfd, written when the thread ends */
	bool ended; /* set by the thread at its end; atomic */
};

/*
 * Listen, or begin to connect; nothing is served yet. Takes over what
 * connection_start() does.
 */
int device_worker_start(struct device_worker *worker, struct vrng_error *error);

/* Start the thread. Call after device_worker_start() of all workers. */
int device_worker_run(struct device_worker *worker, struct vrng_error *error);

/* Has the thread ended by itself? @worker->connection has the status. */
bool device_worker_ended(const struct device_worker *worker);

/* From now on @max bytes in each @period_ns; 0: no limit. Returns at once. */
void device_worker_limit(struct device_worker *worker, uint64_t max,
			 uint64_t period_ns);

/* Have it look again whether its guest may read. Returns at once. */
void device_worker_again(struct device_worker *worker);

/* Ask the thread to end. Returns at once. */
void device_worker_stop(struct device_worker *worker);

/*
 * Wait for the thread's end, at most until @until (as vrng_now()), and release
 * what is the worker's own. False: it hangs, and nothing that it uses may be
 * freed.
 */
bool device_worker_join(struct device_worker *worker, uint64_t until);

#endif
