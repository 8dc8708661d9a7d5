// SPDX-License-Identifier: GPL-2.0-or-later
/* The ring between source and guest: order, wiping, and two threads at it. */
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

#define TANK_SIZE 65536
#define BOUND	  10000 /* ms, for what should take none */
#define STREAM	  20000000 /* bytes that pass between two threads */
#define PRIME_1	  4093
#define PRIME_2	  977

static int setup(void **state)
{
	static struct prefetch_ring prefetch;
	int room = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	*state = &prefetch;
	return room < 0 ? -1 : prefetch_init(&prefetch, TANK_SIZE, room, NULL);
}

static int teardown(void **state)
{
	struct prefetch_ring *t = *state;

	close(t->room);
	prefetch_done(t);
	return 0;
}

static unsigned char byte_at(uint64_t i)
{
	return (unsigned char)(1 + i * 2654435761u % 255); /* never 0 */
}

/* Up to @max bytes of the pattern; how many went in. */
static size_t fill(struct prefetch_ring *t, uint64_t *at, size_t max)
{
	struct iovec part[2];
	int count = prefetch_room(t, part, max);
	size_t n = 0;

	for (int i = 0; i < count; i++)
		for (size_t k = 0; k < part[i].iov_len; k++, n++)
			((unsigned char *)part[i].iov_base)[k] =
				byte_at((*at)++);
	if (n)
		prefetch_fill(t, n);
	return n;
}

static void check(const unsigned char *buf, size_t n, uint64_t *at)
{
	for (size_t i = 0; i < n; i++)
		if (buf[i] != byte_at((*at)++))
			fail_msg("byte %u is wrong", (unsigned int)*at - 1);
}

static void bytes_come_out_in_order_over_the_ring_s_end(void **state)
{
	static unsigned char buf[TANK_SIZE];
	struct prefetch_ring *t = *state;
	uint64_t in = 0, out = 0;

	for (int i = 0; i < 1000; i++) {
		size_t n;

		fill(t, &in, PRIME_1);
		n = prefetch_draw(t, buf, PRIME_2 + (size_t)i * 5);
		check(buf, n, &out);
		assert_true(prefetch_level(t) == in - out);
	}
}

static void a_full_one_takes_no_more_and_loses_nothing(void **state)
{
	static unsigned char buf[2 * TANK_SIZE];
	struct prefetch_ring *t = *state;
	uint64_t in = 0, out = 0;

	fill(t, &in, 100);
	assert_int_equal(prefetch_draw(t, buf, 100), 100);
	check(buf, 100, &out);
	assert_int_equal(fill(t, &in, SIZE_MAX), TANK_SIZE);
	assert_int_equal(fill(t, &in, SIZE_MAX), 0);
	assert_int_equal(prefetch_draw(t, buf, sizeof(buf)), TANK_SIZE);
	check(buf, TANK_SIZE, &out);
	assert_int_equal(prefetch_draw(t, buf, sizeof(buf)), 0);
}

static void what_was_drawn_is_wiped(void **state)
{
	static unsigned char buf[TANK_SIZE];
	struct prefetch_ring *t = *state;
	uint64_t in = 0;

	fill(t, &in, TANK_SIZE);
	assert_int_equal(prefetch_draw(t, buf, 1000), 1000);
	for (size_t i = 0; i < TANK_SIZE; i++)
		assert_int_equal(t->bytes[i], i < 1000 ? 0 : byte_at(i));
}

static void data_rings_and_room_rings_only_when_asked(void **state)
{
	struct prefetch_ring *t = *state;
	static unsigned char half[TANK_SIZE / 2];
	unsigned char buf[16];
	uint64_t in = 0;
	eventfd_t n;

	fill(t, &in, TANK_SIZE);
	assert_int_equal(poll(&(struct pollfd){ t->data, POLLIN, 0 }, 1, 0), 1);
	prefetch_draw(t, buf, 16);
	assert_int_equal(eventfd_read(t->room, &n), -1);
	prefetch_want(t, TANK_SIZE);
	assert_int_equal(eventfd_read(t->room, &n), 0);
	fill(t, &in, 16);
	assert_int_equal(prefetch_lack(t), 0);
	assert_false(prefetch_ask(t));
	prefetch_draw(t, buf, 16);
	assert_int_equal(prefetch_lack(t), 16);
	prefetch_draw(t, half, TANK_SIZE / 2 - 17);
	assert_int_equal(eventfd_read(t->room, &n), -1);
	prefetch_draw(t, buf, 1);
	assert_int_equal(eventfd_read(t->room, &n), 0);
	prefetch_draw(t, buf, 16);
	assert_int_equal(eventfd_read(t->room, &n), -1);
	/* what is wanted by now is not waited for */
	assert_true(prefetch_ask(t));
}

static void room_rings_when_more_is_wanted_or_nothing_any_more(void **state)
{
	struct prefetch_ring *t = *state;
	uint64_t in = 0;
	eventfd_t n;

	prefetch_want(t, 100);
	assert_int_equal(eventfd_read(t->room, &n), 0);
	assert_int_equal(prefetch_lack(t), 100);
	fill(t, &in, 100);
	assert_false(prefetch_ask(t));
	prefetch_want(t, 199);
	assert_int_equal(eventfd_read(t->room, &n), -1);
	prefetch_want(t, 200);
	assert_int_equal(eventfd_read(t->room, &n), 0);
	assert_int_equal(prefetch_lack(t), 100);
	prefetch_want(t, 50);
	assert_int_equal(prefetch_lack(t), 0);
	prefetch_want(t, 0);
	assert_int_equal(eventfd_read(t->room, &n), 0);
	assert_false(prefetch_is_open(t));
	assert_int_equal(prefetch_level(t), 100);
}

static void what_is_looked_at_is_there_until_it_is_dropped(void **state)
{
	struct prefetch_ring *t = *state;
	struct iovec part[2];
	uint64_t in = 0, out = 0;

	fill(t, &in, TANK_SIZE);
	prefetch_drop(t, TANK_SIZE - 10);
	out += TANK_SIZE - 10;
	fill(t, &in, 30);
	assert_int_equal(prefetch_front(t, part, 40), 2);
	assert_int_equal(part[0].iov_len, 10);
	assert_int_equal(part[1].iov_len, 30);
	check(part[0].iov_base, 10, &out);
	check(part[1].iov_base, 30, &out);
	assert_int_equal(prefetch_front(t, part, 5), 1);
	assert_int_equal(part[0].iov_len, 5);
	prefetch_drop(t, 12);
	assert_int_equal(prefetch_level(t), 28);
	assert_int_equal(t->bytes[TANK_SIZE - 1] | t->bytes[0] | t->bytes[1],
			 0);
}

static void *fill_stream(void *opaque)
{
	struct prefetch_ring *t = opaque;
	struct pollfd room = { .fd = t->room, .events = POLLIN };
	uint64_t in = 0;
	eventfd_t n;

	while (in < STREAM) {
		uint64_t left = STREAM - in;

		if (fill(t, &in, left < PRIME_1 ? (size_t)left : PRIME_1) ||
		    prefetch_ask(t))
			continue;
		if (poll(&room, 1, BOUND) != 1)
			return opaque;
		eventfd_read(t->room, &n);
	}
	return NULL;
}

static void two_threads_pass_a_stream_without_waiting_for_ever(void **state)
{
	static unsigned char buf[TANK_SIZE];
	struct prefetch_ring *t = *state;
	struct pollfd data = { .fd = t->data, .events = POLLIN };
	uint64_t out = 0;
	pthread_t refill;
	void *stuck;

	prefetch_want(t, TANK_SIZE);
	assert_int_equal(pthread_create(&refill, NULL, fill_stream, t), 0);
	while (out < STREAM) {
		size_t n = prefetch_draw(t, buf, out % 3 ? PRIME_2 : TANK_SIZE);

		check(buf, n, &out);
		if (!n && poll(&data, 1, BOUND) != 1)
			break;
	}
	pthread_join(refill, &stuck);
	assert_null(stuck);
	assert_int_equal(out, STREAM);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(bytes_come_out_in_order_over_the_ring_s_end),
		T(a_full_one_takes_no_more_and_loses_nothing),
		T(what_was_drawn_is_wiped),
		T(data_rings_and_room_rings_only_when_asked),
		T(room_rings_when_more_is_wanted_or_nothing_any_more),
		T(what_is_looked_at_is_there_until_it_is_dropped),
		T(two_threads_pass_a_stream_without_waiting_for_ever),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("tank", tests, NULL, NULL);
}
