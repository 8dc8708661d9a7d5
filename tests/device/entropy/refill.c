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
#include "tests/device/entropy/source.h"
#include "tests/device/entropy/prefetch_ring.h"
#include "tests/device/runtime/thread.h"

#define NS_PER_MS 1000000
#define PACE_OF	  32768 /* bytes */

/* ---- the thread ---- */

static void use(struct filler *f, bool wanted)
{
	if (f->used == wanted)
		return;
	f->used = wanted;
	if (f->fetch)
		fetch_want(f->fetch, wanted);
	else if (wanted)
		supply_use(f->supply);
	else
		supply_leave(f->supply);
}

static void source_gone(struct filler *f)
{
	__atomic_store_n(&f->gone, true, __ATOMIC_RELEASE);
	tank_fill(f->tank, 0);
}

/* As supply_read(). */
static ssize_t pass_on(struct filler *f, const struct iovec *part, int count,
		       struct supply_wait *wait)
{
	ssize_t n = readv(f->fetch->sock, part, count);

	*wait = (struct supply_wait){ .fd = f->fetch->sock };
	if (n > 0)
		return n;
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		source_gone(f);
	return -EAGAIN;
}

/* @n bytes have come. One that was slow by chance does not count for much. */
static void note_pace(struct filler *f, size_t n)
{
	const uint64_t now = loop_now();
	const uint64_t took = (now - f->since) * PACE_OF / n;

	__atomic_store_n(&f->pace, f->pace ? (3 * f->pace + took) / 4 : took,
			 __ATOMIC_RELAXED);
	f->since = now;
}

/* At most @max. */
static size_t piece(const struct filler *f, size_t max)
{
	size_t gives = filler_gives(f, FILLER_PIECE_NS);

	if (gives < FILLER_PIECE_MIN)
		gives = FILLER_PIECE_MIN;
	if (gives > FILLER_PIECE_MAX)
		gives = FILLER_PIECE_MAX;
	return gives < max ? gives : max;
}

/* How to wait for more, where there is none now. */
static void fill_some(struct filler *f, size_t max, struct supply_wait *wait)
{
	struct iovec part[2];
	int count = tank_room(f->tank, part, piece(f, max));
	ssize_t n;

	use(f, true);
	if (!f->since)
		f->since = loop_now();
	if (f->fetch)
		n = pass_on(f, part, count, wait);
	else
		n = supply_read(f->supply, part[0].iov_base, part[0].iov_len,
				loop_now(), wait);
	if (n < 0)
		return;
	tank_fill(f->tank, (size_t)n);
	note_pace(f, (size_t)n);
	*wait = (struct supply_wait){ .fd = -1, .when = 1 }; /* at once */
}

/* There is as much as is wanted, or nothing is. */
static void rest(struct filler *f, struct supply_wait *wait)
{
	f->since = 0;
	if (!tank_is_open(f->tank))
		use(f, false);
	else if (f->supply)
		supply_rest(f->supply);
	*wait = (struct supply_wait){ .fd = -1, .when = tank_ask(f->tank) };
}

static int timeout_ms(const struct supply_wait *wait, uint64_t now)
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
static void wait_for_work(struct filler *f, const struct supply_wait *wait)
{
	struct pollfd fds[2] = { { .fd = f->tank->room, .events = POLLIN },
				 { .fd = wait->fd, .events = POLLIN } };
	const uint64_t now = loop_now();
	eventfd_t n;

	if (wait->when && wait->when <= now)
		return;
	if (f->fetch && wait->fd < 0)
		fds[1] = (struct pollfd){ .fd = f->fetch->sock };
	poll(fds, 2, timeout_ms(wait, now));
	eventfd_read(f->tank->room, &n);
	if (!fds[1].events && fds[1].revents)
		source_gone(f);
}

static bool is_stopped(const struct filler *f)
{
	return __atomic_load_n(&f->stop, __ATOMIC_ACQUIRE) || filler_is_gone(f);
}

static void *fill(void *opaque)
{
	struct filler *f = opaque;
	struct supply_wait wait;

	while (!is_stopped(f)) {
		size_t lack = tank_lack(f->tank);

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

int filler_start(struct filler *f, struct vrng_why *why)
{
	int err;

	f->stop = f->gone = f->used = false;
	err = thread_start(&f->thread, FILLER_STACK, fill, f, why);
	f->running = !err;
	return err;
}

bool filler_is_gone(const struct filler *f)
{
	return __atomic_load_n(&f->gone, __ATOMIC_ACQUIRE);
}

size_t filler_gives(const struct filler *f, uint64_t ns)
{
	const uint64_t pace = __atomic_load_n(&f->pace, __ATOMIC_RELAXED);

	const uint64_t bytes = pace ? ns * PACE_OF / pace : 0;

	return bytes < SIZE_MAX ? (size_t)bytes : SIZE_MAX;
}

void filler_stop(struct filler *f)
{
	if (!f->running)
		return;
	__atomic_store_n(&f->stop, true, __ATOMIC_RELEASE);
	eventfd_write(f->tank->room, 1);
	pthread_join(f->thread, NULL);
	f->running = false;
}
