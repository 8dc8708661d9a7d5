// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/device/secret.h"
#include "tests/device/tank.h"

int tank_init(struct tank *t, int room, const struct say *say)
{
	*t = (struct tank){ .room = room };
	t->data = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (t->data < 0)
		return -errno;
	t->ring = secret_new(TANK_SIZE, say);
	if (t->ring)
		return 0;
	close(t->data);
	return -ENOMEM;
}

void tank_done(struct tank *t)
{
	if (!t->ring)
		return;
	secret_free(t->ring, TANK_SIZE);
	close(t->data);
	t->ring = NULL;
}

/* @n bytes of the ring from @at on, which may lie on either side of its end. */
static int parts(const struct tank *t, uint64_t at, size_t n,
		 struct iovec part[2])
{
	size_t from = at % TANK_SIZE;
	size_t first = n < TANK_SIZE - from ? n : TANK_SIZE - from;

	part[0] = (struct iovec){ t->ring + from, first };
	part[1] = (struct iovec){ t->ring, n - first };
	return n == 0 ? 0 : n > first ? 2 : 1;
}

/* ---- the filler ---- */

size_t tank_level(const struct tank *t)
{
	/* B */
	uint64_t drawn = __atomic_load_n(&t->drawn, __ATOMIC_ACQUIRE);

	return (size_t)(t->filled - drawn);
}

bool tank_is_open(const struct tank *t)
{
	return __atomic_load_n(&t->open, __ATOMIC_SEQ_CST);
}

int tank_room(const struct tank *t, struct iovec part[2], size_t max)
{
	size_t room = TANK_SIZE - tank_level(t);

	return parts(t, t->filled, room < max ? room : max, part);
}

void tank_fill(struct tank *t, size_t n)
{
	/* A */
	__atomic_store_n(&t->filled, t->filled + n, __ATOMIC_RELEASE);
	eventfd_write(t->data, 1);
}

bool tank_ask(struct tank *t)
{
	__atomic_store_n(&t->asked, true, __ATOMIC_SEQ_CST);
	/* C */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return tank_is_open(t) && tank_level(t) < TANK_SIZE;
}

/* ---- the drawer ---- */

static void tell_filler(struct tank *t)
{
	/* C */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_exchange_n(&t->asked, false, __ATOMIC_SEQ_CST))
		eventfd_write(t->room, 1);
}

void tank_open(struct tank *t, bool open)
{
	__atomic_store_n(&t->open, open, __ATOMIC_SEQ_CST);
	eventfd_write(t->room, 1);
}

/* The event is taken before the look, or one in between would be lost. */
size_t tank_draw(struct tank *t, void *buf, size_t len)
{
	struct iovec part[2];
	unsigned char *to = buf;
	eventfd_t n;
	size_t have;
	int count;

	eventfd_read(t->data, &n);
	/* A */
	have = (size_t)(__atomic_load_n(&t->filled, __ATOMIC_ACQUIRE) -
			t->drawn);
	if (have > len)
		have = len;
	count = parts(t, t->drawn, have, part);
	for (int i = 0; i < count; i++) {
		memcpy(to, part[i].iov_base, part[i].iov_len);
		explicit_bzero(part[i].iov_base, part[i].iov_len);
		to += part[i].iov_len;
	}
	/* B */
	__atomic_store_n(&t->drawn, t->drawn + have, __ATOMIC_RELEASE);
	if (have)
		tell_filler(t);
	return have;
}
