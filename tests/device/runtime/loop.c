// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "tests/device/runtime/loop.h"

int loop_init(struct loop *loop)
{
	loop->stopped = false;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	return loop->epoll < 0 ? -errno : 0;
}

void loop_done(struct loop *loop)
{
	if (loop->epoll >= 0)
		close(loop->epoll);
	loop->epoll = -1;
}

static int watch_for(struct loop *loop, struct loop_watch *watch, int fd,
		     uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event))
		return -errno;
	watch->fd = fd;
	return 0;
}

int loop_watch(struct loop *loop, struct loop_watch *watch, int fd)
{
	return watch_for(loop, watch, fd, EPOLLIN);
}

int loop_watch_room(struct loop *loop, struct loop_watch *watch, int fd)
{
	return watch_for(loop, watch, fd, EPOLLOUT);
}

void loop_unwatch(struct loop *loop, struct loop_watch *watch)
{
	if (watch->fd < 0)
		return;
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	watch->fd = -1;
}

int loop_step(struct loop *loop, int timeout_ms)
{
	struct epoll_event event;
	struct loop_watch *watch;
	int n = epoll_wait(loop->epoll, &event, 1, timeout_ms);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (!n)
		return 0;
	watch = event.data.ptr;
	watch->ready(watch);
	return 1;
}

int loop_run(struct loop *loop)
{
	int err = 0;

	while (!loop->stopped && err >= 0)
		err = loop_step(loop, -1);
	return err < 0 ? err : 0;
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

int loop_timer(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

void loop_timer_set(int timer, uint64_t when)
{
	struct itimerspec at = {
		.it_value = { .tv_sec = (time_t)(when / VRNG_NS_PER_S),
			      .tv_nsec = (long)(when % VRNG_NS_PER_S) },
	};

	timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
}

/* EAGAIN if the timer was set anew meanwhile. */
void loop_timer_clear(int timer)
{
	uint64_t times;
	ssize_t n = read(timer, &times, sizeof(times));

	(void)n;
}
