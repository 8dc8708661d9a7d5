/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An epoll loop that can be held in the head: descriptors are watched, and one
 * event at a time is taken and handed to its watcher. One at a time, so that a
 * watcher may stop and free any other without leaving a stale event behind.
 *
 * A watch must be stopped before its descriptor is closed: a descriptor that
 * another process holds too would go on reporting.
 */
#ifndef DEVICE_RUNTIME_LOOP_H
#define DEVICE_RUNTIME_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "rngd/base/clock.h"

struct loop {
	int epoll;
	bool stopped;
};

struct loop_watch {
	int fd; /* -1: not watched. Not owned. */
	void (*ready)(struct loop_watch *watch);
};

#define LOOP_WATCH(fn)                  \
	{                               \
		.fd = -1, .ready = (fn) \
	}

/* All return 0 or a negative errno. */
int loop_init(struct loop *loop);
void loop_done(struct loop *loop);

/* Call @watch->ready whenever @fd may be read, was hung up or failed. */
int loop_watch(struct loop *loop, struct loop_watch *watch, int fd);
void loop_unwatch(struct loop *loop, struct loop_watch *watch);

/*
 * Handle one event, waiting up to @timeout_ms (-1: as long as it takes).
 * 1: handled one; 0: none came; or a negative errno.
 */
int loop_step(struct loop *loop, int timeout_ms);

/* Until loop_stop(). */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/*
 * A timerfd, which reports once at @when (0: never). loop_timer_clear() takes
 * the report.
 */
int loop_timer(void);
void loop_timer_set(int timer, uint64_t when);
void loop_timer_clear(int timer);

#endif
