// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/uio.h>

#include "rngd/base/clock.h"
#include "rngd/base/thread.h"
#include "tests/device/entropy/prefetch_ring.h"
#include "tests/device/entropy/refill.h"
#include "tests/device/entropy/shared_source.h"
#include "tests/device/entropy/source_process.h"
#include "tests/device/runtime/fork_signs.h"
#include "tests/device/runtime/loop.h"

#define PACE_OF 32768 /* bytes whose time is the pace */

/* ---- the thread ---- */

/* Open or close the source, if that is a change. */
static void use(struct refill *refill, bool wanted)
{
	if (refill->used == wanted)
		return;
	refill->used = wanted;
	if (refill->process)
		source_process_want(refill->process, wanted);
	else if (wanted)
		shared_source_use(refill->shared);
	else
		shared_source_leave(refill->shared);
}

/* Note that no bytes will come, and wake the consumer. */
static void source_gone(struct refill *refill)
{
	__atomic_store_n(&refill->gone, true, __ATOMIC_RELEASE);
	prefetch_fill(refill->prefetch, 0);
}

/*
 * Read from the source process; parameters and result as shared_source_read(). What it
 * read before a fork is dropped.
 */
static ssize_t pass_on(struct refill *refill, const struct iovec *part,
		       int count, uint64_t tag, struct shared_source_wait *wait)
{
	ssize_t n;

	source_process_ask(refill->process, prefetch_lack(refill->prefetch));
	n = readv(refill->process->sock, part, count);
	*wait = (struct shared_source_wait){ .fd = refill->process->sock };
	if (n > 0) {
		source_process_got(refill->process, (size_t)n);
		if (source_process_is_fresh(refill->process, (size_t)n, tag))
			return n;
		prefetch_wipe(part, (size_t)n);
		return -EAGAIN;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		source_gone(refill);
	return -EAGAIN;
}

/* Update the pace after a read of @n bytes, which counts for a quarter. */
static void note_pace(struct refill *refill, size_t n)
{
	const uint64_t now = vrng_now();
	const uint64_t took = (now - refill->since) * PACE_OF / n;

	__atomic_store_n(&refill->pace,
			 refill->pace ? (3 * refill->pace + took) / 4 : took,
			 __ATOMIC_RELAXED);
	refill->since = now;
}

/* Bytes to read next, at most @max. */
static size_t piece(const struct refill *refill, size_t max)
{
	size_t gives = refill_gives(refill, REFILL_PIECE_NS);

	if (gives < REFILL_PIECE_MIN)
		gives = REFILL_PIECE_MIN;
	if (gives > REFILL_PIECE_MAX)
		gives = REFILL_PIECE_MAX;
	return gives < max ? gives : max;
}

/* Read one piece into the ring. Sets @wait to when to try again. */
static void fill_some(struct refill *refill, size_t max,
		      struct shared_source_wait *wait)
{
	struct iovec part[2];
	int count = prefetch_room(refill->prefetch, part, piece(refill, max));
	const uint64_t tag = fork_signs_now(refill->signs);
	ssize_t n;

	use(refill, true);
	if (!fork_signs_settled(refill->signs)) {
		*wait = (struct shared_source_wait){
			.fd = -1, .when = vrng_now() + FORK_SIGNS_SETTLE_NS
		};
		return;
	}
	prefetch_mark(refill->prefetch, tag);
	if (!refill->since)
		refill->since = vrng_now();
	if (refill->process)
		n = pass_on(refill, part, count, tag, wait);
	else
		n = shared_source_read(refill->shared, part[0].iov_base,
				       part[0].iov_len, vrng_now(), wait);
	if (n <= 0)
		return;
	prefetch_fill(refill->prefetch, (size_t)n);
	note_pace(refill, (size_t)n);
	*wait = (struct shared_source_wait){ .fd = -1, .when = 1 }; /* now */
}

/* The ring holds enough or is closed: stop reading until @room is signalled. */
static void rest(struct refill *refill, struct shared_source_wait *wait)
{
	refill->since = 0;
	if (!prefetch_is_open(refill->prefetch))
		use(refill, false);
	else if (refill->shared)
		shared_source_rest(refill->shared);
	*wait = (struct shared_source_wait){
		.fd = -1, .when = prefetch_ask(refill->prefetch)
	};
}

static int timeout_ms(const struct shared_source_wait *wait, uint64_t now)
{
	return wait->when ? vrng_timeout_ns(wait->when, now) : -1;
}

/*
 * Wait for @wait or a signal on @room; not at all if @wait->when has passed. The
 * end of the source process is noticed also while nothing is read from it.
 */
static void wait_for_work(struct refill *refill,
			  const struct shared_source_wait *wait)
{
	struct pollfd fds[2] = { { .fd = refill->prefetch->room,
				   .events = POLLIN },
				 { .fd = wait->fd, .events = POLLIN } };
	const uint64_t now = vrng_now();
	eventfd_t n;

	if (wait->when && wait->when <= now)
		return;
	if (refill->process && wait->fd < 0)
		fds[1] = (struct pollfd){ .fd = refill->process->sock };
	poll(fds, 2, timeout_ms(wait, now));
	eventfd_read(refill->prefetch->room, &n);
	if (!fds[1].events && fds[1].revents)
		source_gone(refill);
}

static bool is_stopped(const struct refill *refill)
{
	return __atomic_load_n(&refill->stop, __ATOMIC_ACQUIRE) ||
	       refill_is_gone(refill);
}

static void *fill(void *opaque)
{
	struct refill *refill = opaque;
	struct shared_source_wait wait;

	while (!is_stopped(refill)) {
		size_t lack = prefetch_lack(refill->prefetch);

		if (lack)
			fill_some(refill, lack, &wait);
		else
			rest(refill, &wait);
		wait_for_work(refill, &wait);
	}
	use(refill, false);
	return NULL;
}

/* ---- the owner ---- */

int refill_start(struct refill *refill, struct vrng_error *error)
{
	int err;

	refill->stop = refill->gone = refill->used = false;
	err = vrng_thread_start(&refill->thread, REFILL_STACK, fill, refill,
				error);
	refill->running = !err;
	return err;
}

bool refill_is_gone(const struct refill *refill)
{
	return __atomic_load_n(&refill->gone, __ATOMIC_ACQUIRE);
}

size_t refill_gives(const struct refill *refill, uint64_t ns)
{
	const uint64_t pace = __atomic_load_n(&refill->pace, __ATOMIC_RELAXED);
	const uint64_t bytes = pace ? ns * PACE_OF / pace : 0;

	return bytes < SIZE_MAX ? (size_t)bytes : SIZE_MAX;
}

void refill_stop(struct refill *refill)
{
	if (!refill->running)
		return;
	__atomic_store_n(&refill->stop, true, __ATOMIC_RELEASE);
	eventfd_write(refill->prefetch->room, 1);
	pthread_join(refill->thread, NULL);
	refill->running = false;
}
