// SPDX-License-Identifier: GPL-2.0-or-later
/* egd-server: its parts one by one. egd_server_test.c has the server. */
#include "tests/unit/source_rig.h"
#include "tests/unit/egd_stream.h"
#include "tests/unit/within.h"

#include <sys/socket.h>

#include "rngd/sources/egd_wire.h"
#include "tests/device/egd-server/client.h"
#include "tests/device/egd-server/request.h"

/* ---- requests ---- */

static void requests_are_parsed(void **unused)
{
	static const struct {
		const char *in;
		size_t len;
		ssize_t used;
		int command, n;
	} table[] = {
		{ "", 0, 0, 0, 0 },
		{ "\x00\x05", 2, 1, VRNG_EGD_LEVEL, 0 },
		{ "\x01", 1, 0, 0, 0 },
		{ "\x01\x00", 2, 2, VRNG_EGD_READ, 0 },
		{ "\x01\xff", 2, 2, VRNG_EGD_READ, 255 },
		{ "\x02", 1, 0, 0, 0 },
		{ "\x02\x40\x02", 3, 2, VRNG_EGD_WAIT, 64 },
		{ "\x03\x01\x02", 3, 0, 0, 0 },
		{ "\x03\x01\x02\x07", 4, 4, VRNG_EGD_WRITE, 7 },
		{ "\x04", 1, 1, VRNG_EGD_PID, 0 },
		{ "\x05\x01", 2, -EPROTO, 0, 0 },
		{ "G", 1, -EPROTO, 0, 0 },
		{ "\xff", 1, -EPROTO, 0, 0 },
	};
	struct egd_request r;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		ssize_t used = egd_request_parse(
			&r, (const uint8_t *)table[i].in, table[i].len);

		assert_int_equal(used, table[i].used);
		if (used <= 0)
			continue;
		assert_int_equal(r.command, table[i].command);
		assert_int_equal(r.n, table[i].n);
	}
}

/* ---- one client, without a server ---- */

static struct egd_prefetch prefetch;
static struct egd_client client;
static struct egd_counts counts;
static size_t filled; /* bytes of @stream put into the ring */
static size_t drawn; /* bytes of @stream received so far */
static int peer;

static int connect_client(void **unused)
{
	int ends[2];

	(void)unused;
	memset(&counts, 0, sizeof(counts));
	filled = drawn = 0;
	return egd_prefetch_init(&prefetch,
				 &(struct egd_prefetch_setup){ .period_ns = 1 },
				 NULL) ||
	       socketpair(AF_UNIX, SOCK_STREAM, 0, ends) ||
	       (egd_client_init(&client, ends[0]), peer = ends[1], 0);
}

static int disconnect_client(void **unused)
{
	(void)unused;
	egd_client_done(&client);
	egd_prefetch_done(&prefetch);
	close(peer);
	return 0;
}

static void asks(const void *bytes, size_t len)
{
	assert_int_equal(send(peer, bytes, len, 0), len);
	assert_int_equal(egd_client_read(&client), 0);
}

static enum egd_served serve(size_t most)
{
	struct vrng_error error;

	return egd_client_serve(&client, &prefetch, most, &counts, &error);
}

static void at_hand(size_t bytes)
{
	struct iovec part[2];
	size_t level = prefetch_level(&prefetch.ring);
	int count, i;

	if (level >= bytes)
		return;
	assert_true(filled + bytes - level <= STREAM);
	count = prefetch_room(&prefetch.ring, part, bytes - level);
	for (i = 0; i < count; i++) {
		memcpy(part[i].iov_base, stream + filled, part[i].iov_len);
		filled += part[i].iov_len;
	}
	prefetch_fill(&prefetch.ring, bytes - level);
}

static void gets(const void *bytes, size_t len)
{
	uint8_t got[4096];

	assert_true(len <= sizeof(got));
	assert_int_equal(recv(peer, got, len, MSG_DONTWAIT), len);
	assert_memory_equal(got, bytes, len);
}

/* Receive the next @len bytes of the stream. */
static void gets_random(size_t len)
{
	gets(stream + drawn, len);
	drawn += len;
}

static void gets_no_more(void)
{
	char byte;

	assert_int_equal(recv(peer, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
}

static void all_five_commands_are_answered_in_order(void **unused)
{
	char pid[16];
	int len = snprintf(pid + 1, sizeof(pid) - 1, "%d", (int)getpid());

	(void)unused;
	pid[0] = (char)len;
	at_hand(1000);
	asks("\x00\x04\x01\x10\x02\x20\x03\x00\x08\x03xyz\x00\x02\x01", 16);
	assert_int_equal(serve(10000), EGD_SERVED_ALL);
	gets("\x00\x00\x1f\x40", 4); /* 8,000 bits */
	gets(pid, (size_t)len + 1);
	gets("\x10", 1);
	gets_random(16);
	gets_random(32);
	gets("\x00\x00\x1d\xc0", 4); /* 7,616 bits */
	gets_random(1);
	gets_no_more();
	assert_int_equal(counts.requests, 7);
	assert_int_equal(counts.bytes, 49);
	assert_int_equal(counts.written, 3);
	assert_int_equal(prefetch_level(&prefetch.ring), 951);
}

static void a_request_may_come_a_byte_at_a_time(void **unused)
{
	static const char all[] = "\x03\x00\x08\x02xy\x02\x05";
	size_t i;

	(void)unused;
	at_hand(100);
	for (i = 0; i < sizeof(all) - 1; i++) {
		gets_no_more();
		asks(all + i, 1);
		assert_int_equal(serve(100), EGD_SERVED_ALL);
	}
	gets_random(5);
	assert_int_equal(counts.written, 2);
}

static void reads_get_what_is_at_hand_and_blocking_reads_wait(void **unused)
{
	(void)unused;
	at_hand(10);
	asks("\x01\xff\x01\x05\x02\x14", 6);
	assert_int_equal(serve(1000), EGD_SERVED_DRY);
	gets("\x0a", 1);
	gets_random(10);
	gets("\x00", 1);
	gets_no_more();
	assert_int_equal(egd_client_needs(&client, &prefetch), 20);
	at_hand(19);
	assert_int_equal(serve(1000), EGD_SERVED_DRY);
	gets_no_more(); /* a reply goes out whole */
	at_hand(100);
	assert_int_equal(serve(1000), EGD_SERVED_ALL);
	gets_random(20);
	gets_no_more();
	assert_int_equal(prefetch_level(&prefetch.ring), 80);
}

static void a_turn_is_bounded(void **unused)
{
	(void)unused;
	at_hand(2000);
	asks("\x02\xff\x02\xff\x02\xff", 6);
	assert_int_equal(serve(255), EGD_SERVED_TURN);
	gets_random(255);
	gets_no_more();
	assert_int_equal(serve(255), EGD_SERVED_TURN);
	assert_int_equal(serve(255), EGD_SERVED_TURN);
	gets_random(510);
	assert_int_equal(serve(255), EGD_SERVED_ALL);
	gets_no_more();
}

static void a_request_for_no_bytes_gets_none(void **unused)
{
	(void)unused;
	at_hand(10);
	asks("\x01\x00\x02\x00\x03\x00\x00\x00", 8);
	assert_int_equal(serve(100), EGD_SERVED_ALL);
	gets("\x00", 1);
	gets_no_more();
	assert_int_equal(prefetch_level(&prefetch.ring), 10);
}

/* Its requests wait, and no byte leaves the ring. */
static void a_client_that_does_not_read_takes_no_more_bytes(void **unused)
{
	uint8_t wait[512], got[8192];
	size_t taken = 0;
	ssize_t n;
	int i;

	(void)unused;
	for (i = 0; i < 512; i++)
		wait[i] = i % 2 ? 255 : 2;
	assert_int_equal(fcntl(peer, F_SETFL, O_NONBLOCK), 0);
	while (send(peer, wait, sizeof(wait), 0) > 0)
		;
	for (i = 0; i < 10000; i++) {
		at_hand(20000);
		assert_int_equal(egd_client_read(&client), 0);
		if (serve(16384) == EGD_SERVED_FULL)
			break;
	}
	assert_true(i < 10000);
	assert_true(client.owed.replies <= EGD_OWED_MAX);
	assert_int_equal(prefetch_level(&prefetch.ring) + counts.bytes, filled);

	/* When it reads, it gets the stream without a gap. */
	assert_true(counts.bytes <= STREAM);
	while ((n = recv(peer, got, sizeof(got), 0)) > 0) {
		assert_memory_equal(got, stream + taken, (size_t)n);
		taken += (size_t)n;
	}
	assert_int_equal(taken, counts.bytes);
}

static void a_bad_request_ends_a_client(void **unused)
{
	struct vrng_error error;

	(void)unused;
	at_hand(100);
	asks("\x02\x03\x47", 3);
	assert_int_equal(egd_client_serve(&client, &prefetch, 100, &counts,
					  &error),
			 EGD_SERVED_WRONG);
	assert_string_equal(error.text, "it sent 0x47, which is no command");
}

/* printf '\002\020' | nc -N ... | ... */
static void a_half_closed_client_gets_its_replies(void **unused)
{
	(void)unused;
	asks("\x02\x10", 2);
	assert_int_equal(shutdown(peer, SHUT_WR), 0);
	assert_int_equal(egd_client_read(&client), 0);
	assert_int_equal(serve(100), EGD_SERVED_DRY);
	at_hand(100);
	assert_int_equal(serve(100), EGD_SERVED_GONE);
	gets_random(16);
}

static void the_end_of_a_client_is_noticed(void **unused)
{
	(void)unused;
	assert_int_equal(shutdown(peer, SHUT_WR), 0);
	assert_int_equal(egd_client_read(&client), -EPIPE);
	close(peer);
	peer = -1;
}

/* Clients take all that may leave, or a reply and then the rest. */
static void no_window_of_a_period_carries_more_than_the_limit(void **state)
{
	enum {
		STEPS = 100, /* in a period */
		LIMIT = 20000
	};
	const uint64_t second = 1000000000;
	const struct egd_prefetch_setup setup = { .max_bytes = LIMIT,
						  .period_ns = second };
	size_t took[10 * STEPS] = { 0 }, all = 0, window = 0, n;
	uint64_t now;
	int i;

	(void)state;
	egd_prefetch_done(&prefetch);
	assert_int_equal(egd_prefetch_init(&prefetch, &setup, NULL), 0);
	assert_int_equal(egd_prefetch_again(&prefetch, 1, 0),
			 EGD_PREFETCH_NEVER);
	for (i = 0; i < 10 * STEPS; i++) {
		now = second + (uint64_t)i * (second / STEPS);
		at_hand(5000);
		while ((n = egd_prefetch_at_hand(&prefetch, 1, now))) {
			if (i % 3 && n > EGD_PREFETCH_WHOLE)
				n = EGD_PREFETCH_WHOLE;
			egd_prefetch_gave(&prefetch, n, now);
			took[i] += n;
		}
		assert_within(egd_prefetch_again(&prefetch, 1, now), now + 1,
			      now + second);
		all += took[i];
		window += took[i] - (i < STEPS ? 0 : took[i - STEPS]);
		assert_true(window <= LIMIT);
	}
	assert_within(all, 10 * LIMIT / 100 * 98, 10 * LIMIT);
	assert_int_equal(prefetch_level(&prefetch.ring) + all, filled);
}

static void a_limit_below_a_reply_cuts_it(void **state)
{
	const struct egd_prefetch_setup setup = { .max_bytes = 100,
						  .period_ns = 1000000000 };

	(void)state;
	egd_prefetch_done(&prefetch);
	assert_int_equal(egd_prefetch_init(&prefetch, &setup, NULL), 0);
	at_hand(1000);
	asks("\x02\xc8", 2);
	assert_int_equal(egd_client_needs(&client, &prefetch), 1);
	assert_int_equal(serve(1000), EGD_SERVED_DRY);
	assert_within(counts.bytes, 1, 100);
	gets_random((size_t)counts.bytes);
	gets_no_more();
}

int main(void)
{
#define CONNECTED(name) \
	cmocka_unit_test_setup_teardown(name, connect_client, disconnect_client)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_parsed),
		CONNECTED(all_five_commands_are_answered_in_order),
		CONNECTED(a_request_may_come_a_byte_at_a_time),
		CONNECTED(reads_get_what_is_at_hand_and_blocking_reads_wait),
		CONNECTED(a_turn_is_bounded),
		CONNECTED(a_request_for_no_bytes_gets_none),
		CONNECTED(a_client_that_does_not_read_takes_no_more_bytes),
		CONNECTED(a_bad_request_ends_a_client),
		CONNECTED(a_half_closed_client_gets_its_replies),
		CONNECTED(the_end_of_a_client_is_noticed),
		CONNECTED(no_window_of_a_period_carries_more_than_the_limit),
		CONNECTED(a_limit_below_a_reply_cuts_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("egd", tests, prepare,
					   remove_folder);
}
