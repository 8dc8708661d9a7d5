// SPDX-License-Identifier: GPL-2.0-or-later
/* A ring buffer for random bytes: see store.h. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "rngd/sources/store.h"

/*
 * Older kernels lack MADV_WIPEONFORK (4.14): an error of madvise(2) is ignored.
 */
int vrng_store_open(struct vrng_store *store, size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int ret;

	if (at == MAP_FAILED)
		return -errno;
	if (mlock(at, size)) {
		ret = -errno;
		munmap(at, size);
		return ret;
	}
	(void)madvise(at, size, MADV_DONTDUMP);
	(void)madvise(at, size, MADV_WIPEONFORK);
	*store = (struct vrng_store){ .at = at, .size = size };
	return 0;
}

void vrng_store_close(struct vrng_store *store)
{
	if (!store->at)
		return;
	explicit_bzero(store->at, store->size);
	munmap(store->at, store->size);
	*store = (struct vrng_store){ 0 };
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

int vrng_store_room(const struct vrng_store *store, size_t max,
		    struct iovec room[2])
{
	const size_t free = smaller(store->size - store->used, max);
	const size_t tail = (store->head + store->used) % store->size;
	const size_t first = smaller(free, store->size - tail);

	room[0].iov_base = store->at + tail;
	room[0].iov_len = first;
	room[1].iov_base = store->at;
	room[1].iov_len = free - first;
	return free > first ? 2 : 1;
}

void vrng_store_added(struct vrng_store *store, size_t n)
{
	store->used += n;
}

/* The first bytes, at most @max, as 0 to 2 pieces. Returns their number. */
static int front_of(const struct vrng_store *store, size_t max,
		    struct iovec front[2])
{
	const size_t n = smaller(store->used, max);
	const size_t first = smaller(n, store->size - store->head);

	front[0].iov_base = store->at + store->head;
	front[0].iov_len = first;
	front[1].iov_base = store->at;
	front[1].iov_len = n - first;
	return n > first ? 2 : !!first;
}

/* Wipe and remove the first @n bytes. */
static void drop(struct vrng_store *store, size_t n)
{
	struct iovec front[2];
	int i, pieces = front_of(store, n, front);

	for (i = 0; i < pieces; i++) {
		explicit_bzero(front[i].iov_base, front[i].iov_len);
		store->head += front[i].iov_len;
		store->used -= front[i].iov_len;
	}
	store->head %= store->size;
}

size_t vrng_store_take(struct vrng_store *store, void *buf, size_t len)
{
	struct iovec front[2];
	int i, pieces = front_of(store, len, front);
	size_t n = 0;

	for (i = 0; i < pieces; i++) {
		memcpy((uint8_t *)buf + n, front[i].iov_base, front[i].iov_len);
		n += front[i].iov_len;
	}
	drop(store, n);
	return n;
}
