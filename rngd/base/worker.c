// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/base/thread.h"
#include "rngd/base/worker.h"

/* In bytes. Sources may call a resolver, which needs a large stack. */
#define STACK_SIZE (256 * 1024)

/* How often a join nudges the thread, in ms. */
#define SLICE 10

static int init_end(struct vrng_worker *worker)
{
	pthread_condattr_t attr;
	int err = pthread_condattr_init(&attr);

	if (err)
		return -err;
	err = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (!err)
		err = pthread_cond_init(&worker->end, &attr);
	pthread_condattr_destroy(&attr);
	return -err;
}

int vrng_worker_init(struct vrng_worker *worker)
{
	int err = init_end(worker);

	pthread_mutex_init(&worker->lock, NULL);
	worker->has_ended = false;
	atomic_init(&worker->stop, false);
	atomic_init(&worker->tid, 0);
	worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return worker->wake_fd < 0 ? -errno : err;
}

/* Does nothing: a system call that waits returns EINTR. */
static void on_nudge(int signo)
{
	(void)signo;
}

static int allow_nudge(void)
{
	struct sigaction action;
	sigset_t set;

	memset(&action, 0, sizeof(action));
	action.sa_handler = on_nudge;
	if (sigaction(SIGUSR2, &action, NULL))
		return -errno;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return -pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void *begin(void *opaque)
{
	struct vrng_worker *worker = opaque;
	void *result;

	atomic_store(&worker->tid, (int)syscall(SYS_gettid));
	result = worker->run(worker->opaque);
	pthread_mutex_lock(&worker->lock);
	worker->has_ended = true;
	pthread_cond_signal(&worker->end);
	pthread_mutex_unlock(&worker->lock);
	return result;
}

/*
 * By tgkill(), which names the process, so that the system call filter can
 * allow signals to this process alone. musl's pthread_kill() uses tkill(),
 * which does not name it.
 */
static void nudge(struct vrng_worker *worker)
{
	const int tid = atomic_load(&worker->tid);

	if (tid)
		(void)syscall(SYS_tgkill, getpid(), tid, SIGUSR2);
}

int vrng_worker_start(struct vrng_worker *worker, void *(*run)(void *opaque),
		      void *opaque)
{
	int ret = allow_nudge();

	if (ret)
		return ret;
	worker->run = run;
	worker->opaque = opaque;
	return vrng_thread_start(&worker->thread, STACK_SIZE, begin, worker,
				 NULL);
}

void vrng_worker_wake(struct vrng_worker *worker)
{
	const uint64_t one = 1;

	if (write(worker->wake_fd, &one, sizeof(one)) < 0) {
		/* The counter is full: it is readable already. */
	}
}

void vrng_worker_stop(struct vrng_worker *worker)
{
	atomic_store(&worker->stop, true);
	vrng_worker_wake(worker);
}

/* pthread_timedjoin_np() waits by the system's time, which may be set. */
static bool join(struct vrng_worker *worker, unsigned int ms)
{
	struct timespec at;
	bool has_ended;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_nsec += (long)(ms * VRNG_NS_PER_MS);
	if (at.tv_nsec >= (long)VRNG_NS_PER_S) {
		at.tv_nsec -= (long)VRNG_NS_PER_S;
		at.tv_sec++;
	}
	pthread_mutex_lock(&worker->lock);
	while (!worker->has_ended && !err)
		err = pthread_cond_timedwait(&worker->end, &worker->lock, &at);
	has_ended = worker->has_ended;
	pthread_mutex_unlock(&worker->lock);
	return has_ended && !pthread_join(worker->thread, NULL);
}

/*
 * One nudge is not enough: it may come after the thread has looked at @stop and
 * before its read.
 */
bool vrng_worker_join(struct vrng_worker *worker, uint64_t deadline)
{
	do {
		if (join(worker, SLICE))
			return true;
		nudge(worker);
	} while (vrng_now_ms() < deadline);
	return false;
}

void vrng_worker_free(struct vrng_worker *worker)
{
	pthread_cond_destroy(&worker->end);
	pthread_mutex_destroy(&worker->lock);
	if (worker->wake_fd >= 0)
		close(worker->wake_fd);
}

/* ---- called by the thread ---- */

bool vrng_worker_is_stopped(const struct vrng_worker *worker)
{
	return atomic_load(&worker->stop);
}

static void take_wakes(struct vrng_worker *worker)
{
	uint64_t count;

	if (read(worker->wake_fd, &count, sizeof(count)) < 0) {
		/* EAGAIN: no wake is pending. */
	}
}

bool vrng_worker_wait_for(struct vrng_worker *worker, int fd, short events,
			  int timeout)
{
	struct pollfd pfd[2] = {
		{ .fd = worker->wake_fd, .events = POLLIN },
		{ .fd = fd, .events = events },
	};

	if (poll(pfd, 2, timeout) > 0 && pfd[0].revents)
		take_wakes(worker);
	return !vrng_worker_is_stopped(worker);
}

bool vrng_worker_wait_ms(struct vrng_worker *worker, uint64_t ms)
{
	const uint64_t until = vrng_now_ms() + ms;
	uint64_t now;

	while ((now = vrng_now_ms()) < until)
		if (!vrng_worker_wait_for(worker, -1, 0, (int)(until - now)))
			return false;
	return !vrng_worker_is_stopped(worker);
}
