// SPDX-License-Identifier: GPL-2.0-or-later
/* The server of egd-server, with the EGD source and sockets as its clients. */
#include "tests/unit/source_rig.h"
#include "tests/unit/egd_stream.h"

#include <netinet/in.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/eventfd.h>
#include <sys/un.h>
#include <time.h>

#include "rngd/base/clock.h"
#include "rngd/sources/egd_wire.h"
#include "tests/device/egd-server/client.h"
#include "tests/device/egd-server/server.h"
#include "tests/device/entropy/shared_source.h"

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

/* What differs from one server to the next. */
struct kind {
	bool is_tcp;
	uint64_t max_bytes; /* in a period; 0: no limit */
	uint64_t period_s;
	unsigned int max_per_peer;
	uint64_t idle_ns;
	uint64_t idle_full_ns;
};

#define PLACES 10

static const struct kind plain = { .max_per_peer = PLACES,
				   .idle_full_ns = UINT64_MAX };
static const struct kind limited = { .max_bytes = 20000,
				     .period_s = 1,
				     .max_per_peer = PLACES,
				     .idle_full_ns = UINT64_MAX };
static const struct kind by_tcp = { .is_tcp = true,
				    .max_per_peer = PLACES,
				    .idle_full_ns = UINT64_MAX };
/* One byte, and then none for a day. */
static const struct kind dry = { .max_bytes = 1,
				 .period_s = 86400,
				 .max_per_peer = PLACES,
				 .idle_full_ns = UINT64_MAX };
static const struct kind dry_by_tcp = { .is_tcp = true,
					.max_bytes = 1,
					.period_s = 86400,
					.max_per_peer = PLACES,
					.idle_ns = 1,
					.idle_full_ns = UINT64_MAX };
static const struct kind fair = { .max_per_peer = 4,
				  .idle_full_ns = UINT64_MAX };
static const struct kind full = { .max_per_peer = PLACES + 1 };

static int start_server(void **state)
{
	const struct kind *kind = *state;
	const struct vrng_listener_as as = { .mode = 0600,
					     .uid = (uid_t)-1,
					     .gid = (gid_t)-1 };
	const struct egd_server_setup setup = {
		.listeners = &server.listen,
		.n_listeners = 1,
		.max_clients = PLACES,
		.max_per_peer = kind->max_per_peer,
		.idle_ns = kind->idle_ns,
		.idle_full_ns = kind->idle_full_ns,
		.prefetch = { .shared = &server.shared,
			      .max_bytes = kind->max_bytes,
			      .period_ns = kind->period_s * VRNG_NS_PER_S },
		.control = stop_serving,
		.control_fd = server.stop = eventfd(0, EFD_CLOEXEC),
	};
	struct vrng_error error;

	if (shared_source_init(&server.shared, DRBG, "", NULL, &error) ||
	    egd_listen_at(&server.listen, kind->is_tcp ? "tcp:0" : address, &as,
			  &error) ||
	    egd_server_start(&server.serve, &setup, &error)) {
		print_message("# %s\n", error.text);
		return -1;
	}
	return pthread_create(&server.thread, NULL, run, NULL);
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

/*
 * QEMU's rng-egd writes a request for each 255 bytes that the guest has posted, each
 * with a system call of its own, and reads no reply before the last of them is written:
 * here four times what the driver posts. A server that stopped reading would stop it.
 */
static void a_client_may_ask_for_much_before_it_reads(void **unused)
{
	const struct timeval patience = { .tv_sec = RIG_MS / 1000 };
	const int requests = 4 * (512 * 1024 / 255 + 1);
	uint8_t got[255];
	int fd = dial(), i;

	(void)unused;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (i = 0; i < requests; i++)
		assert_int_equal(send(fd, wait_for_bytes, 2, MSG_NOSIGNAL), 2);
	for (i = 0; i < requests; i++) {
		assert_int_equal(recv(fd, got, 255, MSG_WAITALL), 255);
		if ((i + 1) * 255 <= STREAM)
			assert_memory_equal(got, stream + i * 255, 255);
	}
	close(fd);
}

/* So many that the server reads no more of them. */
static void ask_ahead(int fd)
{
	static uint8_t many[2 * EGD_OWED_MAX + 8 * EGD_CLIENT_AHEAD];

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
/* cmocka takes a state that is not const, and start_server() only reads it. */
#define SERVED(kind, name)                        \
	cmocka_unit_test_prestate_setup_teardown( \
		name, start_server, stop_server, (void *)(uintptr_t) & (kind))
	const struct CMUnitTest tests[] = {
		SERVED(plain, a_plain_source_draws_the_servers_stream),
		SERVED(plain, a_cached_source_draws_the_servers_stream),
		SERVED(plain, the_smallest_cache_works_too),
		SERVED(plain, a_client_that_reads_late_gets_all),
		SERVED(plain, a_client_may_ask_for_much_before_it_reads),
		SERVED(limited, a_server_without_clients_sleeps),
		SERVED(by_tcp, the_loss_of_a_clients_machine_is_noticed),
		SERVED(plain,
		       clients_share_the_stream_and_no_byte_goes_out_twice),
		SERVED(dry, clients_that_asked_and_left_keep_no_place),
		SERVED(dry_by_tcp,
		       tcp_clients_that_asked_and_left_keep_no_place),
		SERVED(fair, nobody_has_all_the_places),
		SERVED(full, a_new_client_gets_the_place_of_an_idle_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("egd-server", tests, prepare,
					   remove_folder);
}
