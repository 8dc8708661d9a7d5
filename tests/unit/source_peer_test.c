// SPDX-License-Identifier: GPL-2.0-or-later
/* Sources "unix:PATH" and "tcp:HOST:PORT": peers that come, go and hang. */
#include "tests/unit/source_rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>

#include "rngd/sources/peer.h"
#include "rngd/sources/resolve.h"

static char folder[] = "/tmp/vrng-peer-XXXXXX";
static struct sockaddr_un path = { .sun_family = AF_UNIX };
static char unix_spec[160];
static char tcp_spec[64];

static int make_folder(void **unused)
{
	(void)unused;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path.sun_path, sizeof(path.sun_path), "%s/socket", folder);
	snprintf(unix_spec, sizeof(unix_spec), "unix:%s", path.sun_path);
	return 0;
}

static int remove_folder(void **unused)
{
	(void)unused;
	unlink(path.sun_path);
	return rmdir(folder);
}

static int listen_unix(int backlog)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	unlink(path.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&path, sizeof(path)), 0);
	assert_int_equal(listen(fd, backlog), 0);
	return fd;
}

/* Listen on a port that the kernel chooses; @address is 127.0.0.1 or ::1. */
static int listen_tcp(const char *host)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	snprintf(tcp_spec, sizeof(tcp_spec), "tcp:%s:%d", host,
		 ntohs(at.sin_port));
	return fd;
}

static int take_client(int listener)
{
	struct pollfd pfd = { .fd = listener, .events = POLLIN };

	assert_int_equal(poll(&pfd, 1, RIG_MS), 1);
	return accept(listener, NULL, NULL);
}

static void bad_addresses_are_refused(void **unused)
{
	static const char *const specs[] = {
		"unix",
		"unix:",
		"unix:/a,b=1",
		"tcp",
		"tcp:",
		"tcp:host",
		"tcp:host:",
		"tcp::80",
		"tcp:host:0",
		"tcp:host:65536",
		"tcp:host:100000",
		"tcp:host:80x",
		"tcp:host:http",
		"tcp:host:-1",
		"tcp::1:80",
		"tcp:[]:80",
		"tcp:[::1]",
		"tcp:[::1:80",
		"egd",
		"egd:",
		"egd:/path",
		"egd:unix:",
		"egd:tcp:host",
		"egd:unix:/a,cache=511",
		"egd:unix:/a,cache=16777217",
		"egd:unix:/a,cache=1k",
		"egd:unix:/a,cache=",
		"egd:unix:/a,cash=4096",
	};
	char spec[200];
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
		rig_refused(specs[i]);
	snprintf(spec, sizeof(spec), "unix:/%0120d", 0);
	rig_refused(spec);
	vrng_source_free(rig_parse("tcp:[::1]:65535"));
	vrng_source_free(rig_parse("egd:tcp:host.example:1,cache=512"));
}

static void serve_and_end(int listener, const char *spec)
{
	struct vrng_source *src = rig_open(spec);
	int peer = take_client(listener);
	char got[8];

	assert_int_equal(vrng_source_read(src, got, 8, NULL), -EAGAIN);
	assert_false(rig_polls(src, 0));
	assert_int_equal(write(peer, "hello", 5), 5);
	rig_read_all(src, got, 5);
	assert_memory_equal(got, "hello", 5);
	assert_int_equal(write(peer, "bye", 3), 3);
	close(peer);
	rig_read_all(src, got, 3);
	assert_int_equal(rig_read(src, got, 8), 0);
	rig_said(spec);
	rig_said("the peer closed the connection");
	vrng_source_free(src);
}

static void a_unix_peer_gives_bytes_until_it_closes(void **unused)
{
	int listener = listen_unix(4);

	(void)unused;
	serve_and_end(listener, unix_spec);
	close(listener);
}

static void a_tcp_peer_gives_bytes_until_it_closes(void **unused)
{
	int listener = listen_tcp("127.0.0.1");

	(void)unused;
	serve_and_end(listener, tcp_spec);
	close(listener);
}

/* This name needs no name server: it is in /etc/hosts. */
static void a_name_is_looked_up(void **unused)
{
	int listener = listen_tcp("localhost");
	struct vrng_source *src = rig_open(tcp_spec);
	struct pollfd pfd = { .fd = listener, .events = POLLIN };
	char byte;

	(void)unused;
	while (poll(&pfd, 1, 0) != 1) {
		assert_int_equal(vrng_source_read(src, &byte, 1, &rig_why),
				 -EAGAIN);
		pfd.fd = vrng_source_fd(src);
		(void)poll(&pfd, 1, 100);
		pfd.fd = listener;
	}
	close(take_client(listener));
	assert_int_equal(rig_read(src, &byte, 1), 0);
	vrng_source_free(src);
	close(listener);
}

static void a_check_connects_to_nobody(void **unused)
{
	int listener = listen_unix(4);
	struct pollfd pfd = { .fd = listener, .events = POLLIN };
	struct vrng_source *src = rig_parse(unix_spec);

	(void)unused;
	assert_int_equal(vrng_source_check(src, NULL), 0);
	assert_int_equal(poll(&pfd, 1, 0), 0);
	close(listener);
	unlink(path.sun_path);
	assert_int_equal(vrng_source_check(src, &rig_why), -ENOENT);
	rig_said("No such file or directory");
	vrng_source_free(src);

	src = rig_parse("unix:/dev/null");
	assert_int_equal(vrng_source_check(src, &rig_why), -ENOTSOCK);
	vrng_source_free(src);
	src = rig_parse("tcp:host.invalid:1");
	assert_int_equal(vrng_source_check(src, NULL), 0);
	vrng_source_free(src);
}

static void an_address_without_a_listener_is_reported(void **unused)
{
	struct vrng_source *src;
	char byte;

	(void)unused;
	close(listen_unix(1));
	src = rig_parse(unix_spec);
	assert_int_equal(vrng_source_open(src, &rig_why), -ECONNREFUSED);
	rig_said("cannot connect: Connection refused");
	assert_int_equal(vrng_source_fd(src), -1);
	vrng_source_free(src);

	close(listen_tcp("127.0.0.1"));
	src = rig_parse(tcp_spec);
	if (!vrng_source_open(src, &rig_why))
		assert_int_equal(rig_read(src, &byte, 1), -ECONNREFUSED);
	rig_said(tcp_spec);
	rig_said("cannot connect: Connection refused");
	vrng_source_free(src);
}

/* The kernel accepts the connection; the peer never sends. */
static bool is_bound_first;

/* Replaces the C library's: the kernel chooses that port only by chance. */
int connect(int fd, const struct sockaddr *at, socklen_t len)
{
	if (is_bound_first) {
		is_bound_first = false;
		if (bind(fd, at, len))
			return -1;
	}
	return (int)syscall(SYS_connect, fd, at, len);
}

static void a_connection_to_itself_is_refused(void **unused)
{
	struct vrng_source *src;
	struct vrng_error error;
	uint8_t byte;
	ssize_t n;

	(void)unused;
	close(listen_tcp("127.0.0.1")); /* nobody listens any more */
	is_bound_first = true;
	src = rig_parse(tcp_spec);
	n = vrng_source_open(src, &error);
	if (!n)
		n = rig_read(src, &byte, 1);
	assert_int_equal(n, -ECONNREFUSED);
	vrng_source_free(src);
}

static void a_hung_peer_does_not_block_a_read(void **unused)
{
	int listener = listen_tcp("127.0.0.1");
	struct vrng_source *src = rig_open(tcp_spec);
	char byte;
	int i;

	(void)unused;
	for (i = 0; i < 100; i++)
		assert_int_equal(vrng_source_read(src, &byte, 1, NULL),
				 -EAGAIN);
	assert_int_equal(vrng_source_check(src, NULL), 0);
	vrng_source_free(src);
	close(listener);
}

/* The backlog is full: the connection is made when there is room. */
static void a_busy_listener_is_waited_for(void **unused)
{
	int listener = listen_unix(0);
	struct vrng_source *first = rig_open(unix_spec);
	struct vrng_source *second = rig_open(unix_spec);
	int peer[2];
	char byte;

	(void)unused;
	assert_int_equal(vrng_source_read(second, &byte, 1, &rig_why), -EAGAIN);
	peer[0] = take_client(listener);
	assert_int_equal(write(peer[0], "1", 1), 1);
	rig_read_all(first, &byte, 1);
	while (poll(&(struct pollfd){ .fd = listener, .events = POLLIN }, 1,
		    0) != 1) {
		/* not only at the timeout */
		assert_true(rig_polls(second, VRNG_PEER_CONNECT_MS / 2));
		assert_int_equal(vrng_source_read(second, &byte, 1, NULL),
				 -EAGAIN);
	}
	peer[1] = take_client(listener);
	assert_int_equal(write(peer[1], "2", 1), 1);
	rig_read_all(second, &byte, 1);
	assert_int_equal(byte, '2');
	vrng_source_free(first);
	vrng_source_free(second);
	close(peer[0]);
	close(peer[1]);
	close(listener);
}

static void a_peer_that_resets_is_a_failure_and_not_an_end(void **unused)
{
	const struct linger now = { .l_onoff = 1 };
	int listener = listen_tcp("127.0.0.1");
	struct vrng_source *src = rig_open(tcp_spec);
	int peer = take_client(listener);
	char byte;

	(void)unused;
	assert_int_equal(vrng_source_read(src, &byte, 1, NULL), -EAGAIN);
	setsockopt(peer, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(peer);
	assert_int_equal(rig_read(src, &byte, 1), -ECONNRESET);
	rig_said("lost the connection: Connection reset by peer");
	vrng_source_free(src);
	close(listener);
}

/* Before and after the answer has come. */
static void a_lookup_may_end_at_any_time(void **unused)
{
	struct vrng_resolve *resolve;
	struct addrinfo *list;
	int i;

	(void)unused;
	for (i = 0; i < 50; i++) {
		assert_int_equal(vrng_resolve_begin(&resolve, "localhost", "1",
						    NULL),
				 0);
		vrng_resolve_end(resolve);
	}
	vrng_resolve_end(NULL);

	assert_int_equal(vrng_resolve_begin(&resolve, "1.2.3.4", "80", NULL),
			 0);
	assert_int_equal(vrng_resolve_answer(resolve, &list, NULL), 0);
	assert_int_equal(list->ai_family, AF_INET);
	freeaddrinfo(list);
	vrng_resolve_end(resolve);
}

/* No lookup is needed: labels have at most 63 characters. */
static void an_impossible_name_is_reported(void **unused)
{
	char spec[120];
	struct vrng_source *src;
	ssize_t ret;
	char byte;

	(void)unused;
	snprintf(spec, sizeof(spec), "tcp:%064d.invalid:1", 7);
	src = rig_parse(spec);
	ret = vrng_source_open(src, &rig_why); /* may report it already */
	if (!ret)
		ret = rig_read(src, &byte, 1);
	assert_int_equal(ret, -EADDRNOTAVAIL);
	rig_said("cannot find");
	vrng_source_free(src);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_addresses_are_refused),
		cmocka_unit_test(a_unix_peer_gives_bytes_until_it_closes),
		cmocka_unit_test(a_tcp_peer_gives_bytes_until_it_closes),
		cmocka_unit_test(a_name_is_looked_up),
		cmocka_unit_test(a_check_connects_to_nobody),
		cmocka_unit_test(an_address_without_a_listener_is_reported),
		cmocka_unit_test(a_connection_to_itself_is_refused),
		cmocka_unit_test(a_hung_peer_does_not_block_a_read),
		cmocka_unit_test(a_busy_listener_is_waited_for),
		cmocka_unit_test(
			a_peer_that_resets_is_a_failure_and_not_an_end),
		cmocka_unit_test(a_lookup_may_end_at_any_time),
		cmocka_unit_test(an_impossible_name_is_reported),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("peer", tests, make_folder,
					   remove_folder);
}
