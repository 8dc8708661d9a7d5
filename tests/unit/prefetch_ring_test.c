// SPDX-License-Identifier: GPL-2.0-or-later
/* Prefetch ring: order, wiping, signals, and two threads at once. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/device/entropy/prefetch_ring.h"

#define RING_SIZE 65536
#define BOUND	  10000 /* ms to wait for what should happen at once */
#define STREAM	  20000000 /* bytes passed between two threads */
#define PRIME_1	  4093
#define PRIME_2	  977

static int setup(void **state)
{
	static struct prefetch_ring prefetch;
	int room = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	*state = &prefetch;
	return room < 0 ? -1 : prefetch_init(&prefetch, RING_SIZE, room, NULL);
}

static int teardown(void **state)
{
	struct prefetch_ring *ring = *state;

	close(ring->room);
	prefetch_done(ring);
	return 0;
}

static unsigned char byte_at(uint64_t i)
{
	return (unsigned char)(1 + i * 2654435761u % 255); /* never 0 */
}

/* Fill in up to @max bytes of the pattern, from byte *@at on. Returns how many. */
static size_t fill(struct prefetch_ring *ring, uint64_t *at, size_t max)
{
	struct iovec part[2];
	int count = prefetch_room(ring, part, max);
	size_t n = 0;

	for (int i = 0; i < count; i++)
		for (size_t k = 0; k < part[i].iov_len; k++, n++)
			((unsigned char *)part[i].iov_base)[k] =
				byte_at((*at)++);
	if (n)
		prefetch_fill(ring, n);
	return n;
}

/* Compare @buf with the pattern, from byte *@at on. */
static void check(const unsigned char *buf, size_t n, uint64_t *at)
{
	for (size_t i = 0; i < n; i++)
		if (buf[i] != byte_at((*at)++))
			fail_msg("byte %u is wrong", (unsigned int)*at - 1);
}

static void bytes_are_drawn_in_order_across_the_wrap(void **state)
{
	static unsigned char buf[RING_SIZE];
	struct prefetch_ring *ring = *state;
	uint64_t in = 0, out = 0;

	for (int i = 0; i < 1000; i++) {
		size_t n;

		fill(ring, &in, PRIME_1);
		n = prefetch_draw(ring, buf, PRIME_2 + (size_t)i * 5);
		check(buf, n, &out);
		assert_true(prefetch_level(ring) == in - out);
	}
}

static void a_full_ring_takes_no_more_and_loses_nothing(void **state)
{
	static unsigned char buf[2 * RING_SIZE];
	struct prefetch_ring *ring = *state;
	uint64_t in = 0, out = 0;

	fill(ring, &in, 100);
	assert_int_equal(prefetch_draw(ring, buf, 100), 100);
	check(buf, 100, &out);
	assert_int_equal(fill(ring, &in, SIZE_MAX), RING_SIZE);
	assert_int_equal(fill(ring, &in, SIZE_MAX), 0);
	assert_int_equal(prefetch_draw(ring, buf, sizeof(buf)), RING_SIZE);
	check(buf, RING_SIZE, &out);
	assert_int_equal(prefetch_draw(ring, buf, sizeof(buf)), 0);
}

static void drawn_bytes_are_wiped(void **state)
{
	static unsigned char buf[RING_SIZE];
	struct prefetch_ring *ring = *state;
	uint64_t in = 0;

	fill(ring, &in, RING_SIZE);
	assert_int_equal(prefetch_draw(ring, buf, 1000), 1000);
	for (size_t i = 0; i < RING_SIZE; i++)
		assert_int_equal(ring->bytes[i], i < 1000 ? 0 : byte_at(i));
}

static void data_is_signalled_always_and_room_only_when_asked(void **state)
{
	struct prefetch_ring *ring = *state;
	static unsigned char half[RING_SIZE / 2];
	unsigned char buf[16];
	uint64_t in = 0;
	eventfd_t n;

	fill(ring, &in, RING_SIZE);
	assert_int_equal(poll(&(struct pollfd){ ring->data, POLLIN, 0 }, 1, 0),
			 1);
	prefetch_draw(ring, buf, 16);
	assert_int_equal(eventfd_read(ring->room, &n), -1);
	prefetch_want(ring, RING_SIZE);
	assert_int_equal(eventfd_read(ring->room, &n), 0);
	fill(ring, &in, 16);
	assert_int_equal(prefetch_lack(ring), 0);
	assert_false(prefetch_ask(ring));
	prefetch_draw(ring, buf, 16);
	assert_int_equal(prefetch_lack(ring), 16);
	prefetch_draw(ring, half, RING_SIZE / 2 - 17);
	assert_int_equal(eventfd_read(ring->room, &n), -1);
	prefetch_draw(ring, buf, 1);
	assert_int_equal(eventfd_read(ring->room, &n), 0);
	prefetch_draw(ring, buf, 16);
	assert_int_equal(eventfd_read(ring->room, &n), -1);
	/* asking tells that bytes are wanted already */
	assert_true(prefetch_ask(ring));
}

static void
room_is_signalled_when_the_goal_rises_or_the_ring_closes(void **state)
{
	struct prefetch_ring *ring = *state;
	uint64_t in = 0;
	eventfd_t n;

	prefetch_want(ring, 100);
	assert_int_equal(eventfd_read(ring->room, &n), 0);
	assert_int_equal(prefetch_lack(ring), 100);
	fill(ring, &in, 100);
	assert_false(prefetch_ask(ring));
	prefetch_want(ring, 199);
	assert_int_equal(eventfd_read(ring->room, &n), -1);
	prefetch_want(ring, 200);
	assert_int_equal(eventfd_read(ring->room, &n), 0);
	assert_int_equal(prefetch_lack(ring), 100);
	prefetch_want(ring, 50);
	assert_int_equal(prefetch_lack(ring), 0);
	prefetch_want(ring, 0);
	assert_int_equal(eventfd_read(ring->room, &n), 0);
	assert_false(prefetch_is_open(ring));
	assert_int_equal(prefetch_level(ring), 100);
}

static void bytes_stay_in_front_until_they_are_dropped(void **state)
{
	struct prefetch_ring *ring = *state;
	struct iovec part[2];
	uint64_t in = 0, out = 0;

	fill(ring, &in, RING_SIZE);
	prefetch_drop(ring, RING_SIZE - 10);
	out += RING_SIZE - 10;
	fill(ring, &in, 30);
	assert_int_equal(prefetch_front(ring, part, 40), 2);
	assert_int_equal(part[0].iov_len, 10);
	assert_int_equal(part[1].iov_len, 30);
	check(part[0].iov_base, 10, &out);
	check(part[1].iov_base, 30, &out);
	assert_int_equal(prefetch_front(ring, part, 5), 1);
	assert_int_equal(part[0].iov_len, 5);
	prefetch_drop(ring, 12);
	assert_int_equal(prefetch_level(ring), 28);
	assert_int_equal(ring->bytes[RING_SIZE - 1] | ring->bytes[0] |
				 ring->bytes[1],
			 0);
}

static void *fill_stream(void *opaque)
{
	struct prefetch_ring *ring = opaque;
	struct pollfd room = { .fd = ring->room, .events = POLLIN };
	uint64_t in = 0;
	eventfd_t n;

	while (in < STREAM) {
		uint64_t left = STREAM - in;

		if (fill(ring, &in, left < PRIME_1 ? (size_t)left : PRIME_1) ||
		    prefetch_ask(ring))
			continue;
		if (poll(&room, 1, BOUND) != 1)
			return opaque;
		eventfd_read(ring->room, &n);
	}
	return NULL;
}

static void what_was_read_before_a_fork_is_dropped(void **state)
{
	struct prefetch_ring *ring = *state;
	unsigned char buf[200];
	uint64_t in = 0, out = 100;

	prefetch_want(ring, RING_SIZE);
	prefetch_mark(ring, 1);
	assert_int_equal(fill(ring, &in, 100), 100);
	prefetch_mark(ring, 2);
	assert_int_equal(fill(ring, &in, 50), 50);
	assert_int_equal(prefetch_forget(ring, 2), 100);
	assert_int_equal(prefetch_forget(ring, 2), 0);
	assert_int_equal(prefetch_draw(ring, buf, sizeof(buf)), 50);
	check(buf, 50, &out);
}

/* The producer had read under the old tag, and fills when the consumer has dropped. */
static void what_arrives_late_is_dropped(void **state)
{
	struct prefetch_ring *ring = *state;
	unsigned char buf[200];
	uint64_t in = 0, out = 150;

	prefetch_want(ring, RING_SIZE);
	prefetch_mark(ring, 1);
	assert_int_equal(fill(ring, &in, 100), 100);
	assert_int_equal(prefetch_forget(ring, 2), 100);
	assert_int_equal(fill(ring, &in, 50), 50);
	prefetch_mark(ring, 2);
	assert_int_equal(fill(ring, &in, 20), 20);
	assert_int_equal(prefetch_forget(ring, 2), 50);
	assert_int_equal(prefetch_draw(ring, buf, sizeof(buf)), 20);
	check(buf, 20, &out);
}

static void two_threads_pass_a_stream_and_neither_gets_stuck(void **state)
{
	static unsigned char buf[RING_SIZE];
	struct prefetch_ring *ring = *state;
	struct pollfd data = { .fd = ring->data, .events = POLLIN };
	uint64_t out = 0;
	pthread_t producer;
	void *stuck;

	prefetch_want(ring, RING_SIZE);
	assert_int_equal(pthread_create(&producer, NULL, fill_stream, ring), 0);
	while (out < STREAM) {
		size_t n =
			prefetch_draw(ring, buf, out % 3 ? PRIME_2 : RING_SIZE);

		check(buf, n, &out);
		if (!n && poll(&data, 1, BOUND) != 1)
			break;
	}
	pthread_join(producer, &stuck);
	assert_null(stuck);
	assert_int_equal(out, STREAM);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(bytes_are_drawn_in_order_across_the_wrap),
		T(a_full_ring_takes_no_more_and_loses_nothing),
		T(drawn_bytes_are_wiped),
		T(data_is_signalled_always_and_room_only_when_asked),
		T(room_is_signalled_when_the_goal_rises_or_the_ring_closes),
		T(bytes_stay_in_front_until_they_are_dropped),
		T(what_was_read_before_a_fork_is_dropped),
		T(what_arrives_late_is_dropped),
		T(two_threads_pass_a_stream_and_neither_gets_stuck),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("prefetch_ring", tests, NULL, NULL);
}
