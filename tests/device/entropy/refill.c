// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/uio.h>

#include "tests/device/entropy/source_process.h"
#include "tests/device/entropy/refill.h"
#include "tests/device/runtime/loop.h"
#include "tests/device/entropy/shared_source.h"
#include "tests/device/entropy/prefetch_ring.h"
#include "rngd/base/thread.h"

#define NS_PER_MS 1000000
#define PACE_OF	  32768 /* bytes */

/* ---- the thread ---- */

static void use(struct refill *f, bool wanted)
{
	if (f->used == wanted)
		return;
	f->used = wanted;
	if (f->process)
		source_process_want(f->process, wanted);
	else if (wanted)
		shared_source_use(f->shared);
	else
		shared_source_leave(f->shared);
}

static void source_gone(struct refill *f)
{
	__atomic_store_n(&f->gone, true, __ATOMIC_RELEASE);
	prefetch_fill(f->prefetch, 0);
}

/* As shared_source_read(). */
static ssize_t pass_on(struct refill *f, const struct iovec *part, int count,
		       struct shared_source_wait *wait)
{
	ssize_t n = readv(f->process->sock, part, count);

	*wait = (struct shared_source_wait){ .fd = f->process->sock };
	if (n > 0)
		return n;
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		source_gone(f);
	return -EAGAIN;
}

/* @n bytes have come. One that was slow by chance does not count for much. */
static void note_pace(struct refill *f, size_t n)
{
	const uint64_t now = vrng_now();
	const uint64_t took = (now - f->since) * PACE_OF / n;

	__atomic_store_n(&f->pace, f->pace ? (3 * f->pace + took) / 4 : took,
			 __ATOMIC_RELAXED);
	f->since = now;
}

/* At most @max. */
static size_t piece(const struct refill *f, size_t max)
{
	size_t gives = refill_gives(f, REFILL_PIECE_NS);

	if (gives < REFILL_PIECE_MIN)
		gives = REFILL_PIECE_MIN;
	if (gives > REFILL_PIECE_MAX)
		gives = REFILL_PIECE_MAX;
	return gives < max ? gives : max;
}

/* How to wait for more, where there is none now. */
static void fill_some(struct refill *f, size_t max,
		      struct shared_source_wait *wait)
{
	struct iovec part[2];
	int count = prefetch_room(f->prefetch, part, piece(f, max));
	ssize_t n;

	use(f, true);
	if (!f->since)
		f->since = vrng_now();
	if (f->process)
		n = pass_on(f, part, count, wait);
	else
		n = shared_source_read(f->shared, part[0].iov_base,
				       part[0].iov_len, vrng_now(), wait);
	if (n < 0)
		return;
	prefetch_fill(f->prefetch, (size_t)n);
	note_pace(f, (size_t)n);
	*wait = (struct shared_source_wait){ .fd = -1,
					     .when = 1 }; /* at once */
}

/* There is as much as is wanted, or nothing is. */
static void rest(struct refill *f, struct shared_source_wait *wait)
{
	f->since = 0;
	if (!prefetch_is_open(f->prefetch))
		use(f, false);
	else if (f->shared)
		shared_source_rest(f->shared);
	*wait = (struct shared_source_wait){
		.fd = -1, .when = prefetch_ask(f->prefetch)
	};
}

static int timeout_ms(const struct shared_source_wait *wait, uint64_t now)
{
	uint64_t ms;

	if (!wait->when)
		return -1;
	ms = (wait->when - now) / NS_PER_MS + 1;
	return ms < INT32_MAX ? (int)ms : INT32_MAX;
}

/*
 * Until there is something to do. A time that has passed is no wait. That the
 * other process has ended is seen also when nothing is wanted of it.
 */
static void wait_for_work(struct refill *f,
			  const struct shared_source_wait *wait)
{
	struct pollfd fds[2] = { { .fd = f->prefetch->room, .events = POLLIN },
				 { .fd = wait->fd, .events = POLLIN } };
	const uint64_t now = vrng_now();
	eventfd_t n;

	if (wait->when && wait->when <= now)
		return;
	if (f->process && wait->fd < 0)
		fds[1] = (struct pollfd){ .fd = f->process->sock };
	poll(fds, 2, timeout_ms(wait, now));
	eventfd_read(f->prefetch->room, &n);
	if (!fds[1].events && fds[1].revents)
		source_gone(f);
}

static bool is_stopped(const struct refill *f)
{
	return __atomic_load_n(&f->stop, __ATOMIC_ACQUIRE) || refill_is_gone(f);
}

static void *fill(void *opaque)
{
	struct refill *f = opaque;
	struct shared_source_wait wait;

	while (!is_stopped(f)) {
		size_t lack = prefetch_lack(f->prefetch);

		if (lack)
			fill_some(f, lack, &wait);
		else
			rest(f, &wait);
		wait_for_work(f, &wait);
	}
	use(f, false);
	return NULL;
}

/* ---- its owner ---- */

int refill_start(struct refill *f, struct vrng_error *error)
{
	int err;

	f->stop = f->gone = f->used = false;
	err = vrng_thread_start(&f->thread, REFILL_STACK, fill, f, error);
	f->running = !err;
	return err;
}

bool refill_is_gone(const struct refill *f)
{
	return __atomic_load_n(&f->gone, __ATOMIC_ACQUIRE);
}

size_t refill_gives(const struct refill *f, uint64_t ns)
{
	const uint64_t pace = __atomic_load_n(&f->pace, __ATOMIC_RELAXED);

	const uint64_t bytes = pace ? ns * PACE_OF / pace : 0;

	return bytes < SIZE_MAX ? (size_t)bytes : SIZE_MAX;
}

void refill_stop(struct refill *f)
{
	if (!f->running)
		return;
	__atomic_store_n(&f->stop, true, __ATOMIC_RELEASE);
	eventfd_write(f->prefetch->room, 1);
	pthread_join(f->thread, NULL);
	f->running = false;
}
