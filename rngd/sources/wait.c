// SPDX-License-Identifier: GPL-2.0-or-later
/* One descriptor that waits for several things: see wait.h. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "rngd/sources/wait.h"

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void vrng_wait_close(struct vrng_wait *wait)
{
	close_fd(&wait->epoll);
	close_fd(&wait->timer);
	close_fd(&wait->ready);
	wait->is_ready = false;
}

int vrng_wait_open(struct vrng_wait *wait)
{
	int ret = 0;

	wait->is_ready = false;
	wait->epoll = epoll_create1(EPOLL_CLOEXEC);
	wait->timer =
		timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	wait->ready = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (wait->epoll < 0 || wait->timer < 0 || wait->ready < 0)
		ret = -errno;
	if (!ret)
		ret = vrng_wait_add(wait, wait->timer, EPOLLIN);
	if (!ret)
		ret = vrng_wait_add(wait, wait->ready, EPOLLIN);
	if (ret)
		vrng_wait_close(wait);
	return ret;
}

static int control(struct vrng_wait *wait, int op, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events };

	return epoll_ctl(wait->epoll, op, fd, &event) ? -errno : 0;
}

int vrng_wait_add(struct vrng_wait *wait, int fd, uint32_t events)
{
	return control(wait, EPOLL_CTL_ADD, fd, events);
}

int vrng_wait_change(struct vrng_wait *wait, int fd, uint32_t events)
{
	return control(wait, EPOLL_CTL_MOD, fd, events);
}

void vrng_wait_remove(struct vrng_wait *wait, int fd)
{
	(void)control(wait, EPOLL_CTL_DEL, fd, 0);
}

void vrng_wait_timer(struct vrng_wait *wait, unsigned int ms)
{
	const struct itimerspec in = {
		.it_value = { .tv_sec = ms / 1000,
			      .tv_nsec = (long)(ms % 1000) * 1000000 },
	};

	(void)timerfd_settime(wait->timer, 0, &in, NULL);
}

/* Neither call can fail: a write follows a read and the other way round. */
void vrng_wait_ready(struct vrng_wait *wait, bool ready)
{
	uint64_t value = 1;
	ssize_t n;

	if (ready == wait->is_ready)
		return;
	wait->is_ready = ready;
	if (ready)
		n = write(wait->ready, &value, sizeof(value));
	else
		n = read(wait->ready, &value, sizeof(value));
	(void)n;
}

uint64_t vrng_wait_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
