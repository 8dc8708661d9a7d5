// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * egd-server: its parts one by one, then the server with the EGD source as its
 * client. The source is always a DRBG, so that each byte is known.
 */
#include "tests/unit/source_rig.h"
#include "tests/unit/egd_rig.h"
#include "tests/unit/within.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/eventfd.h>
#include <sys/un.h>
#include <time.h>

#include "rngd/sources/egd_wire.h"
#include "tests/device/egd-server/client.h"
#include "tests/device/egd-server/request.h"
#include "tests/device/egd-server/server.h"
#include "tests/device/entropy/shared_source.h"

#define DRBG         \
	"drbg:seed=" \
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

enum {
	STREAM = 400000
};

static uint8_t stream[STREAM]; /* what the DRBG gives */

static int prepare(void **state)
{
	struct vrng_source *src = rig_open(DRBG);

	rig_read_all(src, stream, STREAM);
	vrng_source_free(src);
	return make_folder(state);
}

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
static void a_client_that_does_not_read_is_not_read_from(void **unused)
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
	assert_true(client.replies <= EGD_CLIENT_REPLIES);
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

/* ---- server and client ---- */

static struct {
	pthread_t thread;
	struct egd_listen listen;
	struct egd_server *serve;
	struct shared_source shared;
	int stop;
} server;

static bool stop_serving(void *unused)
{
	(void)unused;
	return false;
}

static void *run(void *unused)
{
	(void)unused;
	(void)egd_server_run(server.serve, NULL);
	return NULL;
}

static int start_server_as(const char *where, struct egd_server_setup setup)
{
	const struct vrng_listener_as as = { .mode = 0600,
					     .uid = (uid_t)-1,
					     .gid = (gid_t)-1 };
	struct vrng_error error;

	server.stop = eventfd(0, EFD_CLOEXEC);
	setup.listeners = &server.listen;
	setup.n_listeners = 1;
	setup.max_clients = 10;
	setup.control = stop_serving;
	setup.prefetch.shared = &server.shared;
	setup.control_fd = server.stop;
	if (shared_source_init(&server.shared, DRBG, "", NULL, &error) ||
	    egd_listen_at(&server.listen, where, &as, &error) ||
	    egd_server_start(&server.serve, &setup, &error)) {
		print_message("# %s\n", error.text);
		return -1;
	}
	return pthread_create(&server.thread, NULL, run, NULL);
}

static int start_server_with(const char *where, uint64_t max_bytes)
{
	const struct egd_server_setup setup = {
		.max_per_peer = 10,
		.idle_full_ns = UINT64_MAX,
		.prefetch = { .max_bytes = max_bytes, .period_ns = 1000000000 },
	};

	return start_server_as(where, setup);
}

/* One byte, and then none for a day. */
static int start_dry_server(void **unused)
{
	const struct egd_server_setup setup = {
		.max_per_peer = 10,
		.idle_full_ns = UINT64_MAX,
		.prefetch = { .max_bytes = 1, .period_ns = 86400000000000 },
	};

	(void)unused;
	return start_server_as(address, setup);
}

static int start_dry_tcp_server(void **unused)
{
	const struct egd_server_setup setup = {
		.max_per_peer = 10,
		.idle_full_ns = UINT64_MAX,
		.idle_ns = 1,
		.prefetch = { .max_bytes = 1, .period_ns = 86400000000000 },
	};

	(void)unused;
	return start_server_as("tcp:0", setup);
}

static int start_fair_server(void **unused)
{
	const struct egd_server_setup setup = { .max_per_peer = 4,
						.idle_full_ns = UINT64_MAX };

	(void)unused;
	return start_server_as(address, setup);
}

static int start_full_server(void **unused)
{
	const struct egd_server_setup setup = { .max_per_peer = 11,
						.idle_full_ns = 0 };

	(void)unused;
	return start_server_as(address, setup);
}

static int start_server(void **unused)
{
	(void)unused;
	return start_server_with(address, 0);
}

static int start_limited_server(void **unused)
{
	(void)unused;
	return start_server_with(address, 20000);
}

static int start_tcp_server(void **unused)
{
	(void)unused;
	return start_server_with("tcp:0", 0);
}

static int stop_server(void **unused)
{
	const uint64_t one = 1;

	(void)unused;
	assert_int_equal(write(server.stop, &one, 8), 8);
	pthread_join(server.thread, NULL);
	egd_server_stop(server.serve);
	done(&server.listen);
	shared_source_done(&server.shared);
	close(server.stop);
	return 0;
}

/* Reads of this size, with or without a cache, give the bytes of the stream. */
static void draws_the_stream(const char *options, size_t piece, size_t total)
{
	static uint8_t got[STREAM];
	struct vrng_source *src;
	char spec[160];
	size_t done = 0;
	ssize_t n;

	snprintf(spec, sizeof(spec), "egd:%s%s", address, options);
	src = rig_open(spec);
	while (done < total) {
		n = rig_read(src, got + done,
			     total - done < piece ? total - done : piece);
		assert_true(n > 0);
		done += (size_t)n;
	}
	assert_memory_equal(got, stream, total);
	vrng_source_free(src);
}

static void a_plain_source_draws_the_servers_stream(void **unused)
{
	(void)unused;
	draws_the_stream("", 300, 100000);
}

static void a_cached_source_draws_the_servers_stream(void **unused)
{
	(void)unused;
	draws_the_stream(",cache=65536", 64, STREAM);
}

static void the_smallest_cache_works_too(void **unused)
{
	(void)unused;
	draws_the_stream(",cache=512", 100, 50000);
}

static int dial(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(at.sun_path, address + 5);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* Bytes that wait to be read, once that number does not grow any more. */
static int settled(int fd)
{
	int before = -1, now = 0, calm = 0, i;

	for (i = 0; i < 2000 && calm < 20; i++) {
		assert_int_equal(ioctl(fd, FIONREAD, &now), 0);
		calm = now == before ? calm + 1 : 0;
		before = now;
		(void)poll(NULL, 0, 5);
	}
	return now;
}

/* Its socket fills up. It gets the rest once it reads. */
static void a_client_that_reads_late_gets_all(void **unused)
{
	enum {
		REQUESTS = 1500,
		TOTAL = REQUESTS * 255
	};
	static uint8_t request[2 * REQUESTS], got[TOTAL];
	size_t done = 0, i;
	ssize_t n;
	int fd = dial();

	(void)unused;
	for (i = 0; i < sizeof(request); i++)
		request[i] = i % 2 ? 255 : 2;
	assert_int_equal(send(fd, request, sizeof(request), 0),
			 sizeof(request));
	assert_true(settled(fd) < TOTAL); /* otherwise the case shows nothing */
	while (done < TOTAL) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };

		assert_int_equal(poll(&pfd, 1, RIG_MS), 1);
		n = recv(fd, got + done, TOTAL - done, 0);
		assert_true(n > 0);
		done += (size_t)n;
	}
	assert_memory_equal(got, stream, TOTAL);
	close(fd);
}

/* Bits that the server has at hand. */
static unsigned int level(int fd)
{
	static const uint8_t request = VRNG_EGD_LEVEL;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint8_t got[4];

	assert_int_equal(send(fd, &request, 1, 0), 1);
	assert_int_equal(poll(&pfd, 1, RIG_MS), 1);
	assert_int_equal(recv(fd, got, sizeof(got), MSG_WAITALL), sizeof(got));
	return (unsigned int)got[2] << 8 | got[3];
}

/* Is the client at @fd served? False if the server closes its connection. */
static bool is_served(int fd)
{
	static const uint8_t request = VRNG_EGD_LEVEL;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint8_t got[4];

	(void)send(fd, &request, 1, MSG_NOSIGNAL);
	assert_int_equal(poll(&pfd, 1, RIG_MS), 1);
	return recv(fd, got, sizeof(got), MSG_WAITALL) == sizeof(got);
}

/* Are so many clients served at once? */
static bool are_served(int (*dial_it)(void), int n)
{
	bool all = true;
	int fd[10], i;

	for (i = 0; i < n; i++) {
		fd[i] = dial_it();
		all = is_served(fd[i]) && all;
	}
	for (i = 0; i < n; i++)
		close(fd[i]);
	return all;
}

/* Within a bound, the server notices what is still on its way to it. */
static bool are_served_soon(int (*dial_it)(void), int n)
{
	for (int i = 0; i < 2000; i++) {
		if (are_served(dial_it, n))
			return true;
		(void)poll(NULL, 0, 5);
	}
	return false;
}

static uint64_t time_of_server(void)
{
	struct timespec used;
	clockid_t clock;

	assert_int_equal(pthread_getcpuclockid(server.thread, &clock), 0);
	assert_int_equal(clock_gettime(clock, &used), 0);
	return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

/* Within a bound, does the server's thread do nothing for a while? */
static bool is_at_rest(int ms)
{
	uint64_t before = 0, now;
	int calm = 0, i;

	for (i = 0; i < 200 && calm < 10; i++) {
		(void)poll(NULL, 0, ms);
		now = time_of_server();
		calm = now == before ? calm + 1 : 0;
		before = now;
	}
	return calm == 10;
}

static const uint8_t wait_for_bytes[] = { VRNG_EGD_WAIT, 255 };

/* So many that the server reads no more of them. */
static void ask_ahead(int fd)
{
	static uint8_t many[8 * EGD_CLIENT_AHEAD];

	for (size_t i = 0; i < sizeof(many); i++)
		many[i] = wait_for_bytes[i % 2];
	(void)send(fd, many, sizeof(many), MSG_NOSIGNAL);
}

/* Take the only byte that a dry server gives. */
static void run_dry(int (*dial_it)(void))
{
	static const uint8_t request[] = { VRNG_EGD_WAIT, 1 };
	int fd = dial_it();
	uint8_t byte;

	assert_int_equal(send(fd, request, 2, 0), 2);
	assert_int_equal(recv(fd, &byte, 1, 0), 1);
	close(fd);
}

/* Nothing is left for them to read: their places are free again. */
static void clients_that_asked_and_left_keep_no_place(void **unused)
{
	int fd[10], i, round;

	(void)unused;
	run_dry(dial);
	for (round = 0; round < 20; round++) {
		for (i = 0; i < 10; i++) {
			fd[i] = dial();
			if (i % 2)
				ask_ahead(fd[i]);
			else
				(void)send(fd[i], wait_for_bytes, 2,
					   MSG_NOSIGNAL);
		}
		assert_true(is_at_rest(5));
		for (i = 0; i < 10; i++)
			close(fd[i]);
		assert_true(are_served_soon(dial, 10));
	}
}

static int dial_tcp(void)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(
		getsockname(server.listen.fd, (struct sockaddr *)&at, &len), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* TCP does not tell that they have left, so the idle timeout holds for them. */
static void tcp_clients_that_asked_and_left_keep_no_place(void **unused)
{
	int fd, i;

	(void)unused;
	run_dry(dial_tcp);
	for (i = 0; i < 10; i++) {
		fd = dial_tcp();
		(void)send(fd, wait_for_bytes, 2, MSG_NOSIGNAL);
		close(fd);
	}
	assert_true(are_served_soon(dial_tcp, 10));
}

static void nobody_has_all_the_places(void **unused)
{
	int fd[5], i;

	(void)unused;
	for (i = 0; i < 5; i++)
		fd[i] = dial();
	for (i = 0; i < 4; i++)
		assert_true(is_served(fd[i]));
	assert_false(is_served(fd[4]));
	close(fd[0]);
	assert_true(are_served_soon(dial, 1));
	for (i = 1; i < 5; i++)
		close(fd[i]);
}

/* The tenth asked last: the first is the one that is idle for longest. */
static void a_new_client_gets_the_place_of_an_idle_one(void **unused)
{
	int fd[11], i;

	(void)unused;
	for (i = 0; i < 11; i++) {
		fd[i] = dial();
		assert_true(is_served(fd[i]));
	}
	assert_false(is_served(fd[0]));
	for (i = 1; i < 11; i++)
		assert_true(is_served(fd[i]));
	for (i = 0; i < 11; i++)
		close(fd[i]);
}

/* Its rate limit gives it timers, but no client wants anything. */
static void a_server_without_clients_sleeps(void **unused)
{
	int fd = dial();

	(void)unused;
	(void)level(fd); /* it has been accepted */
	assert_true(is_at_rest(50));
	close(fd);
}

/* The server's end of our connection @fd, in this process, or -1. */
static int other_end(int fd)
{
	struct sockaddr_in here, there;
	socklen_t len = sizeof(here);
	int i;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&here, &len), 0);
	for (i = 0; i < 64; i++) {
		len = sizeof(there);
		if (!getpeername(i, (struct sockaddr *)&there, &len) &&
		    there.sin_family == AF_INET &&
		    there.sin_port == here.sin_port)
			return i;
	}
	return -1;
}

static void the_loss_of_a_clients_machine_is_noticed(void **unused)
{
	int keeps = 0, fd = dial_tcp();
	socklen_t len = sizeof(keeps);

	(void)unused;
	(void)level(fd); /* it has been accepted */
	assert_int_equal(getsockopt(other_end(fd), SOL_SOCKET, SO_KEEPALIVE,
				    &keeps, &len),
			 0);
	assert_int_equal(keeps, 1);
	close(fd);
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}

/* No byte goes to two clients. */
static void clients_share_the_stream_and_no_byte_goes_out_twice(void **unused)
{
	enum {
		CLIENTS = 8,
		EACH = 16000
	};
	struct vrng_source *src[CLIENTS];
	static uint8_t got[CLIENTS][EACH];
	char spec[160];
	size_t i, at;

	(void)unused;
	for (i = 0; i < CLIENTS; i++) {
		snprintf(spec, sizeof(spec), "egd:%s%s", address,
			 i % 2 ? ",cache=4096" : "");
		src[i] = rig_open(spec);
	}
	for (at = 0; at < EACH; at += 16) /* each in turn */
		for (i = 0; i < CLIENTS; i++)
			rig_read_all(src[i], got[i] + at, 16);
	for (i = 0; i < CLIENTS; i++)
		vrng_source_free(src[i]);
	/* Equal 16 bytes occur by chance once in 2^94 such tests. */
	qsort(got, sizeof(got) / 16, 16, compare);
	for (i = 1; i < sizeof(got) / 16; i++)
		assert_true(memcmp((uint8_t *)got + i * 16 - 16,
				   (uint8_t *)got + i * 16, 16));
}

int main(void)
{
#define CONNECTED(name) \
	cmocka_unit_test_setup_teardown(name, connect_client, disconnect_client)
#define SERVED(name) \
	cmocka_unit_test_setup_teardown(name, start_server, stop_server)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_parsed),
		CONNECTED(all_five_commands_are_answered_in_order),
		CONNECTED(a_request_may_come_a_byte_at_a_time),
		CONNECTED(reads_get_what_is_at_hand_and_blocking_reads_wait),
		CONNECTED(a_turn_is_bounded),
		CONNECTED(a_request_for_no_bytes_gets_none),
		CONNECTED(a_client_that_does_not_read_is_not_read_from),
		CONNECTED(a_bad_request_ends_a_client),
		CONNECTED(a_half_closed_client_gets_its_replies),
		CONNECTED(the_end_of_a_client_is_noticed),
		CONNECTED(no_window_of_a_period_carries_more_than_the_limit),
		CONNECTED(a_limit_below_a_reply_cuts_it),
		SERVED(a_plain_source_draws_the_servers_stream),
		SERVED(a_cached_source_draws_the_servers_stream),
		SERVED(the_smallest_cache_works_too),
		SERVED(a_client_that_reads_late_gets_all),
		cmocka_unit_test_setup_teardown(a_server_without_clients_sleeps,
						start_limited_server,
						stop_server),
		cmocka_unit_test_setup_teardown(
			the_loss_of_a_clients_machine_is_noticed,
			start_tcp_server, stop_server),
		SERVED(clients_share_the_stream_and_no_byte_goes_out_twice),
		cmocka_unit_test_setup_teardown(
			clients_that_asked_and_left_keep_no_place,
			start_dry_server, stop_server),
		cmocka_unit_test_setup_teardown(
			tcp_clients_that_asked_and_left_keep_no_place,
			start_dry_tcp_server, stop_server),
		cmocka_unit_test_setup_teardown(nobody_has_all_the_places,
						start_fair_server, stop_server),
		cmocka_unit_test_setup_teardown(
			a_new_client_gets_the_place_of_an_idle_one,
			start_full_server, stop_server),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("egd-server", tests, prepare,
					   remove_folder);
}
