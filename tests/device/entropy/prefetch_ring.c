// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "rngd/base/locked.h"
#include "tests/device/entropy/prefetch_ring.h"

int prefetch_init(struct prefetch_ring *ring, size_t size, int room,
		  struct vrng_log *log)
{
	*ring = (struct prefetch_ring){ .room = room, .size = size };
	ring->data = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (ring->data < 0)
		return -errno;
	ring->bytes = vrng_locked_alloc(size, log);
	if (ring->bytes)
		return 0;
	close(ring->data);
	return -ENOMEM;
}

void prefetch_done(struct prefetch_ring *ring)
{
	if (!ring->bytes)
		return;
	vrng_locked_free(ring->bytes, ring->size);
	close(ring->data);
	ring->bytes = NULL;
}

/*
 * The @n bytes that begin at byte @at of the stream, as pieces of the ring.
 * Returns the number of pieces: 2 if they wrap.
 */
static int parts(const struct prefetch_ring *ring, uint64_t at, size_t n,
		 struct iovec part[2])
{
	size_t from = (size_t)(at % ring->size);
	size_t first = n < ring->size - from ? n : ring->size - from;

	part[0] = (struct iovec){ ring->bytes + from, first };
	part[1] = (struct iovec){ ring->bytes, n - first };
	return n == 0 ? 0 : n > first ? 2 : 1;
}

size_t prefetch_level(const struct prefetch_ring *ring)
{
	/* B for the producer, A for the consumer */
	uint64_t drawn = __atomic_load_n(&ring->drawn, __ATOMIC_ACQUIRE);
	uint64_t filled = __atomic_load_n(&ring->filled, __ATOMIC_ACQUIRE);

	return (size_t)(filled - drawn);
}

static size_t goal_of(const struct prefetch_ring *ring)
{
	return __atomic_load_n(&ring->goal, __ATOMIC_SEQ_CST);
}

static bool is_low(const struct prefetch_ring *ring)
{
	const size_t goal = goal_of(ring);

	return goal && prefetch_level(ring) <= goal / 2;
}

/* ---- the producer ---- */

bool prefetch_is_open(const struct prefetch_ring *ring)
{
	return goal_of(ring);
}

size_t prefetch_lack(const struct prefetch_ring *ring)
{
	const size_t goal = goal_of(ring), level = prefetch_level(ring);

	return goal > level ? goal - level : 0;
}

int prefetch_room(const struct prefetch_ring *ring, struct iovec part[2],
		  size_t max)
{
	size_t room = ring->size - prefetch_level(ring);

	return parts(ring, ring->filled, room < max ? room : max, part);
}

void prefetch_mark(struct prefetch_ring *ring, uint64_t tag)
{
	if (ring->tag == tag)
		return;
	__atomic_store_n(&ring->fresh_from, ring->filled, __ATOMIC_RELAXED);
	/* D */
	__atomic_store_n(&ring->tag, tag, __ATOMIC_RELEASE);
}

void prefetch_fill(struct prefetch_ring *ring, size_t n)
{
	/* A */
	__atomic_store_n(&ring->filled, ring->filled + n, __ATOMIC_RELEASE);
	eventfd_write(ring->data, 1);
}

void prefetch_wipe(const struct iovec part[2], size_t n)
{
	for (int i = 0; i < 2 && n; i++) {
		const size_t len = n < part[i].iov_len ? n : part[i].iov_len;

		explicit_bzero(part[i].iov_base, len);
		n -= len;
	}
}

bool prefetch_ask(struct prefetch_ring *ring)
{
	__atomic_store_n(&ring->asked, true, __ATOMIC_SEQ_CST);
	/* C */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return is_low(ring);
}

/* ---- the consumer ---- */

/* Signal @room if the producer asked for it and the level is low. */
static void tell_producer(struct prefetch_ring *ring)
{
	/* C */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (is_low(ring) &&
	    __atomic_exchange_n(&ring->asked, false, __ATOMIC_SEQ_CST))
		eventfd_write(ring->room, 1);
}

void prefetch_want(struct prefetch_ring *ring, size_t goal)
{
	const size_t before = ring->goal;

	if (goal == before)
		return;
	__atomic_store_n(&ring->goal, goal, __ATOMIC_SEQ_CST);
	if (goal && before)
		tell_producer(ring);
	else
		eventfd_write(ring->room, 1);
}

void prefetch_hear(const struct prefetch_ring *ring)
{
	eventfd_t n;

	eventfd_read(ring->data, &n);
}

int prefetch_front(const struct prefetch_ring *ring, struct iovec part[2],
		   size_t max)
{
	const size_t have = prefetch_level(ring);

	return parts(ring, ring->drawn, have < max ? have : max, part);
}

void prefetch_drop(struct prefetch_ring *ring, size_t n)
{
	struct iovec part[2];
	int count = parts(ring, ring->drawn, n, part);

	for (int i = 0; i < count; i++)
		explicit_bzero(part[i].iov_base, part[i].iov_len);
	/* B */
	__atomic_store_n(&ring->drawn, ring->drawn + n, __ATOMIC_RELEASE);
	if (n)
		tell_producer(ring);
}

size_t prefetch_forget(struct prefetch_ring *ring, uint64_t tag)
{
	uint64_t until;
	size_t n;

	/* D */
	if (__atomic_load_n(&ring->tag, __ATOMIC_ACQUIRE) == tag)
		until = __atomic_load_n(&ring->fresh_from, __ATOMIC_RELAXED);
	else
		until = __atomic_load_n(&ring->filled, __ATOMIC_ACQUIRE);
	if (until <= ring->drawn)
		return 0;
	n = (size_t)(until - ring->drawn);
	prefetch_drop(ring, n);
	return n;
}

size_t prefetch_draw(struct prefetch_ring *ring, void *buf, size_t len)
{
	struct iovec part[2];
	size_t n = 0;
	int count;

	prefetch_hear(ring);
	count = prefetch_front(ring, part, len);
	for (int i = 0; i < count; i++) {
		memcpy((unsigned char *)buf + n, part[i].iov_base,
		       part[i].iov_len);
		n += part[i].iov_len;
	}
	prefetch_drop(ring, n);
	return n;
}
