// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Source "egd:...": the requests that it sends, and how it handles replies. The
 * test is the server.
 */
#include "tests/unit/source_rig.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "rngd/sources/store.h"

static char folder[] = "/tmp/vrng-egd-XXXXXX";
static struct sockaddr_un path = { .sun_family = AF_UNIX };
static int listener;

static int make_folder(void **unused)
{
	(void)unused;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path.sun_path, sizeof(path.sun_path), "%s/socket", folder);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	return bind(listener, (struct sockaddr *)&path, sizeof(path)) ||
	       listen(listener, 4);
}

static int remove_folder(void **unused)
{
	(void)unused;
	close(listener);
	unlink(path.sun_path);
	return rmdir(folder);
}

static struct vrng_source *src;
static int server;

static void connect_with(const char *options)
{
	char spec[160];

	snprintf(spec, sizeof(spec), "egd:unix:%s%s", path.sun_path, options);
	src = rig_open(spec);
	server = accept(listener, NULL, NULL);
	assert_true(server >= 0);
}

static int end(void **unused)
{
	(void)unused;
	vrng_source_free(src);
	close(server);
	src = NULL;
	return 0;
}

static void sends(const void *bytes, size_t len)
{
	assert_int_equal(write(server, bytes, len), len);
}

/* The server has received exactly these bytes. */
static void hears(const void *bytes, size_t len)
{
	uint8_t got[64];

	assert_int_equal(recv(server, got, sizeof(got), MSG_DONTWAIT), len);
	assert_memory_equal(got, bytes, len);
}

static void hears_nothing(void)
{
	char byte;

	assert_int_equal(recv(server, &byte, 1, MSG_DONTWAIT), -1);
}

static void yields(ssize_t want)
{
	char got[300];

	assert_int_equal(vrng_source_read(src, got, sizeof(got), &rig_why),
			 want);
}

static void gives(const char *bytes, size_t len, size_t want)
{
	char got[300];

	assert_int_equal(vrng_source_read(src, got, want, &rig_why), len);
	assert_memory_equal(got, bytes, len);
}

/* ---------------------------------------------------------- without a cache */

static void it_asks_for_what_is_wanted_one_request_at_a_time(void **unused)
{
	char got[300];

	(void)unused;
	connect_with("");
	assert_int_equal(vrng_source_read(src, got, 16, NULL), -EAGAIN);
	hears("\x01\x10", 2);
	assert_int_equal(vrng_source_read(src, got, 16, NULL), -EAGAIN);
	hears_nothing();
	assert_false(rig_polls(src, 0));
	sends("\x05hello", 6);
	assert_true(rig_polls(src, RIG_MS));
	gives("hello", 5, 16);

	yields(-EAGAIN);
	hears("\x01\xff", 2);
}

static void what_a_read_leaves_the_next_one_gets(void **unused)
{
	char got[8];

	(void)unused;
	connect_with("");
	assert_int_equal(vrng_source_read(src, got, 8, NULL), -EAGAIN);
	hears("\x01\x08", 2);
	sends("\x06"
	      "abcdef",
	      7);
	gives("ab", 2, 2);
	gives("cdef", 4, 8);
	hears_nothing();
}

static void a_reply_may_dribble_a_byte_at_a_time(void **unused)
{
	static const char reply[] = "\x05hello";
	char got[8];
	int i;

	(void)unused;
	connect_with("");
	assert_int_equal(vrng_source_read(src, got, 5, NULL), -EAGAIN);
	hears("\x01\x05", 2);
	sends(reply, 1);
	yields(-EAGAIN);
	for (i = 1; i < 6; i++) {
		sends(reply + i, 1);
		assert_true(rig_polls(src, RIG_MS));
		gives(reply + i, 1, 8);
		if (i < 5)
			yields(-EAGAIN);
	}
	hears_nothing();
}

/*
 * After M = 0 it sends one blocking read of a few bytes, then reads as before.
 */
static void a_server_without_bytes_gets_a_blocking_read(void **unused)
{
	char got[300];

	(void)unused;
	connect_with("");
	yields(-EAGAIN);
	hears("\x01\xff", 2);
	sends("\0", 1);
	yields(-EAGAIN);
	hears("\x02\x10", 2);
	sends("0123456789abcde", 15);
	gives("0123456789abcde", 15, 300);
	yields(-EAGAIN);
	sends("f", 1);
	gives("f", 1, 300);
	yields(-EAGAIN);
	hears("\x01\xff", 2);

	sends("\0", 1);
	assert_int_equal(vrng_source_read(src, got, 4, NULL), -EAGAIN);
	hears("\x02\x04", 2);
}

static void a_length_above_the_request_is_an_error(void **unused)
{
	char got[8];

	(void)unused;
	connect_with("");
	assert_int_equal(vrng_source_read(src, got, 8, NULL), -EAGAIN);
	sends("\x09", 1);
	assert_int_equal(vrng_source_read(src, got, 8, &rig_why), -EPROTO);
	rig_said("the server sends 9 bytes where 8 were asked for");
}

static void unrequested_bytes_are_an_error(void **unused)
{
	char got[8];

	(void)unused;
	connect_with("");
	assert_int_equal(vrng_source_read(src, got, 2, NULL), -EAGAIN);
	sends("\x02"
	      "abX",
	      4);
	gives("ab", 2, 2);
	assert_int_equal(vrng_source_read(src, got, 2, &rig_why), -EPROTO);
	rig_said("more than it was asked for");
}

static void a_server_that_sends_first_is_an_error(void **unused)
{
	(void)unused;
	connect_with("");
	sends("220 hello", 9);
	yields(-EPROTO);
	rig_said("more than it was asked for");
}

static void a_server_may_close_between_replies_but_not_within_one(void **unused)
{
	char got[8];

	(void)unused;
	connect_with("");
	assert_int_equal(vrng_source_read(src, got, 4, NULL), -EAGAIN);
	hears("\x01\x04", 2); /* unread bytes would make the close a reset */
	sends("\x04"
	      "abcd",
	      5);
	gives("abcd", 4, 4);
	close(server);
	yields(0);
	rig_said("the server closed the connection");
	vrng_source_free(src);

	connect_with("");
	assert_int_equal(vrng_source_read(src, got, 4, NULL), -EAGAIN);
	hears("\x01\x04", 2);
	sends("\x04"
	      "ab",
	      3);
	gives("ab", 2, 4);
	close(server);
	yields(-EPROTO);
	rig_said("within a reply");
	vrng_source_free(src);

	connect_with("");
	yields(-EAGAIN);
	hears("\x01\xff", 2);
	close(server);
	yields(0);
}

/* ------------------------------------------------------------- with a cache */

/* Requests so far, all of them 02 FF. */
static size_t requests(void)
{
	static uint8_t got[65536];
	ssize_t n = recv(server, got, sizeof(got), MSG_DONTWAIT);
	ssize_t i;

	if (n < 0)
		return 0;
	assert_int_equal(n % 2, 0);
	for (i = 0; i < n; i += 2) {
		assert_int_equal(got[i], 2);
		assert_int_equal(got[i + 1], 255);
	}
	return (size_t)n / 2;
}

/* The stream that the server sends: byte i of it. */
static uint8_t stream_at(size_t i)
{
	return (uint8_t)(i * 7 + i / 256 * 3 + i / 65536);
}

static void send_stream(size_t from, size_t len)
{
	uint8_t piece[1024];
	size_t i, n;

	for (; len; from += n, len -= n) {
		n = len < sizeof(piece) ? len : sizeof(piece);
		for (i = 0; i < n; i++)
			piece[i] = stream_at(from + i);
		sends(piece, n);
	}
}

static void as_much_as_there_is_room_for_is_asked_for_at_once(void **unused)
{
	(void)unused;
	connect_with(",cache=4096");
	yields(-EAGAIN);
	assert_int_equal(requests(), 16); /* of 255: 4,080 bytes */
	yields(-EAGAIN);
	assert_int_equal(requests(), 0);
	assert_false(rig_polls(src, 0));
}

/* So many that they are sent in pieces, which may end within a request. */
static void many_requests_are_sent_whole(void **unused)
{
	(void)unused;
	connect_with(",cache=1048576");
	yields(-EAGAIN);
	assert_int_equal(requests(), 1048576 / 255);
	yields(-EAGAIN);
	assert_int_equal(requests(), 0);
}

/*
 * The whole stream arrives in order, with reads of all sizes and replies cut
 * anywhere. Never are more bytes requested than the buffer has room for.
 */
static void the_stream_comes_as_it_was_sent(void **unused)
{
	enum {
		TOTAL = 300000
	};
	static const size_t reads[] = { 64, 1, 255, 300, 7, 4096, 33 };
	static const size_t writes[] = { 1, 300, 64, 2048, 5, 255 };
	size_t asked = 0, sent = 0, taken = 0, round = 0, i, n;
	uint8_t got[4096];
	ssize_t ret;

	(void)unused;
	connect_with(",cache=4096");
	while (taken < TOTAL) {
		ret = vrng_source_read(src, got, reads[round % 7], &rig_why);
		if (ret == -EAGAIN)
			ret = 0;
		assert_true(ret >= 0);
		for (i = 0; i < (size_t)ret; i++)
			assert_int_equal(got[i], stream_at(taken + i));
		taken += (size_t)ret;
		asked += requests() * 255;
		assert_true(asked - taken <= 4096);
		n = writes[round++ % 6];
		if (n > asked - sent)
			n = asked - sent;
		send_stream(sent, n);
		sent += n;
	}
}

static void reads_are_answered_while_the_server_is_silent(void **unused)
{
	uint8_t got[64];
	size_t i;

	(void)unused;
	connect_with(",cache=65536");
	yields(-EAGAIN);
	assert_int_equal(requests(), 257);
	send_stream(0, 257 * 255);
	for (i = 0; i < 1023; i++) {
		assert_true(rig_polls(src, 0));
		assert_int_equal(vrng_source_read(src, got, 64, NULL), 64);
		assert_int_equal(got[63], stream_at(i * 64 + 63));
	}
	assert_true(requests() > 200); /* and more are outstanding */
	assert_int_equal(vrng_source_read(src, got, 64, NULL), 63);
	assert_false(rig_polls(src, 0));
	yields(-EAGAIN);
}

static void bytes_from_before_the_end_are_still_returned(void **unused)
{
	uint8_t got[1024];

	(void)unused;
	connect_with(",cache=1024");
	yields(-EAGAIN);
	assert_int_equal(requests(), 4);
	send_stream(0, 510);
	close(server);
	assert_int_equal(vrng_source_read(src, got, 500, NULL), 500);
	assert_int_equal(vrng_source_read(src, got, 500, NULL), 10);
	assert_int_equal(vrng_source_read(src, got, 500, &rig_why), 0);
	rig_said("the server closed the connection");
	assert_null(strstr(rig_why.text, "within"));
}

static void an_end_within_a_reply_is_an_error_with_a_cache_too(void **unused)
{
	uint8_t got[1024];

	(void)unused;
	connect_with(",cache=1024");
	yields(-EAGAIN);
	assert_int_equal(requests(), 4);
	send_stream(0, 300);
	close(server);
	assert_int_equal(vrng_source_read(src, got, 1000, NULL), 300);
	assert_int_equal(vrng_source_read(src, got, 1000, &rig_why), -EPROTO);
	rig_said("within a reply");
}

/* All requested bytes are taken, and then one more is found. */
static void a_flood_is_an_error(void **unused)
{
	size_t taken = 0;
	uint8_t got[64];
	ssize_t ret, i;

	(void)unused;
	connect_with(",cache=512");
	yields(-EAGAIN);
	assert_int_equal(requests(), 2);
	send_stream(0, 20000);
	while ((ret = vrng_source_read(src, got, sizeof(got), &rig_why)) > 0) {
		for (i = 0; i < ret; i++)
			assert_int_equal(got[i], stream_at(taken + (size_t)i));
		taken += (size_t)ret;
	}
	assert_int_equal(taken, 510);
	assert_int_equal(ret, -EPROTO);
	rig_said("more than it was asked for");
}

/* ------------------------------------------------------------------ store */

static void bytes_taken_from_the_store_are_wiped(void **unused)
{
	struct vrng_store store;
	struct iovec room[2];
	uint8_t got[300];
	size_t i, round;

	(void)unused;
	assert_int_equal(vrng_store_open(&store, 512), 0);
	for (round = 0; round < 5; round++) {
		size_t at = 0;
		int piece, pieces = vrng_store_room(&store, 300, room);

		for (piece = 0; piece < pieces; piece++)
			for (i = 0; i < room[piece].iov_len; i++)
				((uint8_t *)room[piece].iov_base)[i] =
					(uint8_t)(1 + at++ % 250);
		assert_int_equal(at, 300);
		vrng_store_added(&store, 300);
		assert_int_equal(vrng_store_take(&store, got, 100), 100);
		assert_int_equal(vrng_store_take(&store, got + 100, 300), 200);
		for (i = 0; i < 300; i++)
			assert_int_equal(got[i], 1 + i % 250);
		for (i = 0; i < 512; i++)
			assert_int_equal(store.at[i], 0);
	}
	vrng_store_close(&store);
	vrng_store_close(&store);
}

/*
 * The sanitizers replace mlock() by a function that does nothing: with them the
 * case is left out.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MLOCK_WORKS 0
#elif defined(__has_feature)
#define MLOCK_WORKS                           \
	(!__has_feature(address_sanitizer) && \
	 !__has_feature(thread_sanitizer) && !__has_feature(memory_sanitizer))
#else
#define MLOCK_WORKS 1
#endif

#if MLOCK_WORKS
static void a_store_that_cannot_be_locked_is_refused(void **unused)
{
	const struct rlimit little = { .rlim_cur = 4096, .rlim_max = 4096 };
	struct rlimit before, cut;
	struct vrng_source *big;
	const uid_t me = geteuid();
	bool other;

	(void)unused;
	big = rig_parse("egd:unix:/none,cache=1048576");
	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &before), 0);
	cut = before;
	cut.rlim_cur = little.rlim_cur;
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &cut), 0);
	/* Root has no limit, except in a user namespace. */
	other = !me && !seteuid(65534);
	assert_int_equal(vrng_source_check(big, &rig_why), -ENOMEM);
	if (other)
		assert_int_equal(seteuid(me), 0);
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &before), 0);
	rig_said("cannot lock the cache in memory: ");
	rig_said("; raise the limit");
	vrng_source_free(big);
}
#endif

int main(void)
{
#define WITH_PEER(name) cmocka_unit_test_teardown(name, end)
	const struct CMUnitTest tests[] = {
		WITH_PEER(it_asks_for_what_is_wanted_one_request_at_a_time),
		WITH_PEER(what_a_read_leaves_the_next_one_gets),
		WITH_PEER(a_reply_may_dribble_a_byte_at_a_time),
		WITH_PEER(a_server_without_bytes_gets_a_blocking_read),
		WITH_PEER(a_length_above_the_request_is_an_error),
		WITH_PEER(unrequested_bytes_are_an_error),
		WITH_PEER(a_server_that_sends_first_is_an_error),
		WITH_PEER(
			a_server_may_close_between_replies_but_not_within_one),
		WITH_PEER(as_much_as_there_is_room_for_is_asked_for_at_once),
		WITH_PEER(many_requests_are_sent_whole),
		WITH_PEER(the_stream_comes_as_it_was_sent),
		WITH_PEER(reads_are_answered_while_the_server_is_silent),
		WITH_PEER(bytes_from_before_the_end_are_still_returned),
		WITH_PEER(an_end_within_a_reply_is_an_error_with_a_cache_too),
		WITH_PEER(a_flood_is_an_error),
		cmocka_unit_test(bytes_taken_from_the_store_are_wiped),
#if MLOCK_WORKS
		cmocka_unit_test(a_store_that_cannot_be_locked_is_refused),
#endif
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("egd", tests, make_folder,
					   remove_folder);
}
