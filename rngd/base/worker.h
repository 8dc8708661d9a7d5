/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread that sleeps until it is due, woken or told to stop, and that can be
 * stopped even while it waits in the kernel.
 *
 * Functions are for the one who started it, save where they say that they are
 * for the thread.
 */
#ifndef RNGD_BASE_WORKER_H
#define RNGD_BASE_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct vrng_worker {
	pthread_t thread;
	int wake_fd; /* readable: there is news, or an end */
	atomic_bool stop;
	atomic_int tid; /* 0: it does not run yet */
	void *(*run)(void *opaque);
	void *opaque;
};

/* Negative errno; to be freed even then. */
int vrng_worker_init(struct vrng_worker *worker);

/*
 * Start @run with @opaque. Signals are handled in it as the caller's mask says,
 * save SIGUSR2, which the worker keeps for itself.
 */
int vrng_worker_start(struct vrng_worker *worker, void *(*run)(void *opaque),
		      void *opaque);

/* End the current wait, or the next one. */
void vrng_worker_wake(struct vrng_worker *worker);

/* Tell it to end; it is given time for that by the join. */
void vrng_worker_stop(struct vrng_worker *worker);

/* False: by @deadline (ms, of vrng_now_ms()) it has not ended: it hangs. */
bool vrng_worker_join(struct vrng_worker *worker, uint64_t deadline);

/* When the thread has ended, or was never started. */
void vrng_worker_free(struct vrng_worker *worker);

/* ---------------------------------------------------------- for the thread */

bool vrng_worker_is_stopped(const struct vrng_worker *worker);

/*
 * Wait for @events of @fd (-1: of none), a wake, or @timeout ms (-1: no end).
 * False: stop.
 */
bool vrng_worker_wait_for(struct vrng_worker *worker, int fd, short events,
			  int timeout);

/* Wait @ms, whatever wakes it. False: stop. */
bool vrng_worker_wait_ms(struct vrng_worker *worker, uint64_t ms);

#endif
