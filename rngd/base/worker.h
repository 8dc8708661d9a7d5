/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread that waits for a descriptor, a wake-up or a time, and that can be
 * stopped even while a system call waits in the kernel.
 *
 * Functions are called by the thread that started the worker, unless the
 * section says that the worker's own thread calls them.
 */
#ifndef RNGD_BASE_WORKER_H
#define RNGD_BASE_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct vrng_worker {
	pthread_t thread;
	pthread_mutex_t lock; /* over has_ended */
	pthread_cond_t end; /* CLOCK_MONOTONIC */
	bool has_ended;
	int wake_fd; /* eventfd, readable after a wake or a stop */
	atomic_bool stop;
	atomic_int tid; /* 0: the thread does not run yet */
	void *(*run)(void *opaque);
	void *opaque;
};

/* 0, or a negative errno. Call vrng_worker_free() in both cases. */
int vrng_worker_init(struct vrng_worker *worker);

/*
 * Start @run(@opaque). The thread has the caller's signal mask, but SIGUSR2 is
 * unblocked: the worker uses it to interrupt system calls. 0, or a negative
 * errno.
 */
int vrng_worker_start(struct vrng_worker *worker, void *(*run)(void *opaque),
		      void *opaque);

/* End the current wait, or the next one. */
void vrng_worker_wake(struct vrng_worker *worker);

/* Ask the thread to end. Returns at once: vrng_worker_join() waits for it. */
void vrng_worker_stop(struct vrng_worker *worker);

/*
 * Wait until the thread has ended, or until @deadline (ms, as vrng_now_ms()).
 * False: it has not ended. A change of the system's time does not matter.
 */
bool vrng_worker_join(struct vrng_worker *worker, uint64_t deadline);

/* Call after the join, or if the worker was never started. */
void vrng_worker_free(struct vrng_worker *worker);

/* ---- called by the thread ---- */

bool vrng_worker_is_stopped(const struct vrng_worker *worker);

/*
 * Wait for @events of @fd (-1: none), a wake-up, or @timeout ms (-1: forever).
 * False: the worker was stopped.
 */
bool vrng_worker_wait_for(struct vrng_worker *worker, int fd, short events,
			  int timeout);

/* Wait @ms; wake-ups do not end it. False: the worker was stopped. */
bool vrng_worker_wait_ms(struct vrng_worker *worker, uint64_t ms);

#endif
