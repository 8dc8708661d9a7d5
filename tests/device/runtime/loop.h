/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An epoll loop. It takes one event at a time and calls the watch of that
 * event. One at a time, so that a watch may stop and free any other watch
 * without leaving a stale event behind.
 *
 * Stop a watch before its descriptor is closed: if another process holds the
 * same open file, epoll would go on reporting it.
 *
 * One thread for each loop.
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
	int fd; /* not owned; -1: not watched */
	void (*ready)(struct loop_watch *watch);
};

#define LOOP_WATCH(fn)                  \
	{                               \
		.fd = -1, .ready = (fn) \
	}

/* 0, or a negative errno. */
int loop_init(struct loop *loop);
void loop_done(struct loop *loop);

/* Call @watch->ready when @fd is readable, hung up or failed. 0 or -errno. */
int loop_watch(struct loop *loop, struct loop_watch *watch, int fd);
/* The same when it takes bytes. */
int loop_watch_room(struct loop *loop, struct loop_watch *watch, int fd);
void loop_unwatch(struct loop *loop, struct loop_watch *watch);

/*
 * Wait up to @timeout_ms (-1: forever) for one event and handle it. 1: handled;
 * 0: none came; or a negative errno.
 */
int loop_step(struct loop *loop, int timeout_ms);

/* Handle events until loop_stop(). 0, or a negative errno. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/*
 * A timerfd, owned by the caller, or a negative errno. It becomes readable
 * once, at @when (as vrng_now(); 0: never). loop_timer_clear() reads it.
 */
int loop_timer(void);
void loop_timer_set(int timer, uint64_t when);
void loop_timer_clear(int timer);

#endif
