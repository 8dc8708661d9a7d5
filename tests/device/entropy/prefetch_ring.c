// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "rngd/base/locked.h"
#include "tests/device/entropy/prefetch_ring.h"

int prefetch_init(struct prefetch_ring *t, size_t size, int room,
		  struct vrng_log *log)
{
	*t = (struct prefetch_ring){ .room = room, .size = size };
	t->data = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (t->data < 0)
		return -errno;
	t->ring = vrng_locked_alloc(size, log);
	if (t->ring)
		return 0;
	close(t->data);
	return -ENOMEM;
}

void prefetch_done(struct prefetch_ring *t)
{
	if (!t->ring)
		return;
	vrng_locked_free(t->ring, t->size);
	close(t->data);
	t->ring = NULL;
}

/* @n bytes of the ring from @at on, which may lie on either side of its end. */
static int parts(const struct prefetch_ring *t, uint64_t at, size_t n,
		 struct iovec part[2])
{
	size_t from = (size_t)(at % t->size);
	size_t first = n < t->size - from ? n : t->size - from;

	part[0] = (struct iovec){ t->ring + from, first };
	part[1] = (struct iovec){ t->ring, n - first };
	return n == 0 ? 0 : n > first ? 2 : 1;
}

size_t prefetch_level(const struct prefetch_ring *t)
{
	/* B, for the filler; A, for the drawer */
	uint64_t drawn = __atomic_load_n(&t->drawn, __ATOMIC_ACQUIRE);
	uint64_t filled = __atomic_load_n(&t->filled, __ATOMIC_ACQUIRE);

	return (size_t)(filled - drawn);
}

static size_t goal_of(const struct prefetch_ring *t)
{
	return __atomic_load_n(&t->goal, __ATOMIC_SEQ_CST);
}

static bool is_low(const struct prefetch_ring *t)
{
	const size_t goal = goal_of(t);

	return goal && prefetch_level(t) <= goal / 2;
}

/* ---- the filler ---- */

bool prefetch_is_open(const struct prefetch_ring *t)
{
	return goal_of(t);
}

size_t prefetch_lack(const struct prefetch_ring *t)
{
	const size_t goal = goal_of(t), level = prefetch_level(t);

	return goal > level ? goal - level : 0;
}

int prefetch_room(const struct prefetch_ring *t, struct iovec part[2],
		  size_t max)
{
	size_t room = t->size - prefetch_level(t);

	return parts(t, t->filled, room < max ? room : max, part);
}

void prefetch_fill(struct prefetch_ring *t, size_t n)
{
	/* A */
	__atomic_store_n(&t->filled, t->filled + n, __ATOMIC_RELEASE);
	eventfd_write(t->data, 1);
}

bool prefetch_ask(struct prefetch_ring *t)
{
	__atomic_store_n(&t->asked, true, __ATOMIC_SEQ_CST);
	/* C */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return is_low(t);
}

/* ---- the drawer ---- */

static void tell_filler(struct prefetch_ring *t)
{
	/* C */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (is_low(t) &&
	    __atomic_exchange_n(&t->asked, false, __ATOMIC_SEQ_CST))
		eventfd_write(t->room, 1);
}

void prefetch_want(struct prefetch_ring *t, size_t goal)
{
	const size_t before = t->goal;

	if (goal == before)
		return;
	__atomic_store_n(&t->goal, goal, __ATOMIC_SEQ_CST);
	if (goal && before)
		tell_filler(t);
	else
		eventfd_write(t->room, 1);
}

void prefetch_hear(const struct prefetch_ring *t)
{
	eventfd_t n;

	eventfd_read(t->data, &n);
}

int prefetch_front(const struct prefetch_ring *t, struct iovec part[2],
		   size_t max)
{
	const size_t have = prefetch_level(t);

	return parts(t, t->drawn, have < max ? have : max, part);
}

void prefetch_drop(struct prefetch_ring *t, size_t n)
{
	struct iovec part[2];
	int count = parts(t, t->drawn, n, part);

	for (int i = 0; i < count; i++)
		explicit_bzero(part[i].iov_base, part[i].iov_len);
	/* B */
	__atomic_store_n(&t->drawn, t->drawn + n, __ATOMIC_RELEASE);
	if (n)
		tell_filler(t);
}

size_t prefetch_draw(struct prefetch_ring *t, void *buf, size_t len)
{
	struct iovec part[2];
	size_t n = 0;
	int count;

	prefetch_hear(t);
	count = prefetch_front(t, part, len);
	for (int i = 0; i < count; i++) {
		memcpy((unsigned char *)buf + n, part[i].iov_base,
		       part[i].iov_len);
		n += part[i].iov_len;
	}
	prefetch_drop(t, n);
	return n;
}
