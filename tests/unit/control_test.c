// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rngd's control socket: who is served at once, whoever else is connected. The time
 * is what a case says it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "rngd/control/server.h"
#include "tests/unit/machine.h"

#define MANY   (4 * RNGD_CONTROL_PLACES)
#define OTHER  65534 /* a user and a group that are not root's */
#define NO_GID ((gid_t)-1)

static char folder[] = "/tmp/control.XXXXXX";
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static struct rngd_control *control;
static uint64_t ticket; /* of the last request that is answered late */
static int client[MANY];
static size_t clients;

static size_t ask(void *opaque, const struct rngd_control_request *request,
		  char *answer, size_t size)
{
	(void)opaque;
	if (strcmp(request->text, "late") != 0)
		return (size_t)snprintf(answer, size, "%s %lu\n", request->text,
					(unsigned long)request->uid);
	ticket = request->ticket;
	return 0;
}

static void begin_for(gid_t gid)
{
	assert_int_equal(rngd_control_open(&control, address.sun_path, gid, ask,
					   NULL, NULL),
			 0);
}

static int begin(void **unused)
{
	(void)unused;
	memset(folder + strlen(folder) - 6, 'X', 6);
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chmod(folder, 0755), 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/sock",
		       folder);
	clients = 0;
	return 0;
}

static int end(void **unused)
{
	(void)unused;
	while (clients)
		close(client[--clients]);
	rngd_control_close(control);
	control = NULL;
	(void)unlink(address.sun_path);
	return rmdir(folder);
}

/* ------------------------------------------------------------------- clients */

/* SO_PEERCRED has the effective user and group of this moment. */
static int join_as(uid_t uid, gid_t gid)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int ret;

	assert_true(fd >= 0 && clients < MANY);
	assert_int_equal(setegid(gid), 0);
	assert_int_equal(seteuid(uid), 0);
	ret = connect(fd, (const struct sockaddr *)&address, sizeof(address));
	assert_int_equal(seteuid(getuid()), 0);
	assert_int_equal(setegid(getgid()), 0);
	assert_int_equal(ret, 0);
	client[clients++] = fd;
	return fd;
}

static int join(void)
{
	return join_as(getuid(), getgid());
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
}

/* As the main loop does while the descriptor is readable. */
static void serve(uint64_t now)
{
	struct pollfd pfd = { .fd = rngd_control_fd(control),
			      .events = POLLIN };
	int rounds = 0;

	while (poll(&pfd, 1, 0) == 1 && rounds++ < 10 * MANY)
		rngd_control_serve(control, now);
}

/* The answer that is there, or "". */
static const char *answer(int fd)
{
	static char text[RNGD_CONTROL_LINE + 1];
	ssize_t got = recv(fd, text, sizeof(text) - 1, 0);

	text[got > 0 ? got : 0] = '\0';
	return text;
}

static bool is_served(int fd, uint64_t now)
{
	say(fd, "status\n");
	serve(now);
	return !strncmp(answer(fd), "status ", 7);
}

static void join_many_as(uid_t uid, gid_t gid, const char *text, int n)
{
	int i;

	for (i = 0; i < n; i++)
		say(join_as(uid, gid), text);
	serve(1);
}

#define NEEDS_ROOT()                                                    \
	do {                                                            \
		if (getuid())                                           \
			LEAVE_OUT("only root has other users' rights"); \
	} while (0)

/* --------------------------------------------------------------------- cases */

static void idle_clients_delay_no_request(void **unused)
{
	int i;

	(void)unused;
	begin_for(NO_GID);
	for (i = 0; i < 2 * RNGD_CONTROL_PLACES; i++)
		say(join(), "half a request");
	serve(1);
	assert_true(is_served(join(), 1));
}

static void a_client_that_waits_keeps_its_place(void **unused)
{
	const int fd = (begin_for(NO_GID), join());

	(void)unused;
	say(fd, "late\n");
	serve(1);
	join_many_as(getuid(), getgid(), "half", 2 * RNGD_CONTROL_PLACES);
	assert_true(rngd_control_waits(control, ticket));
	rngd_control_answer(control, ticket, "at last\n", 8);
	assert_string_equal(answer(fd), "at last\n");
	serve(1);
	assert_false(rngd_control_waits(control, ticket));
}

/* Hooks may take longer than a request may. */
static void a_late_answer_may_take_longer_than_a_request(void **unused)
{
	const int fd = (begin_for(NO_GID), join());

	(void)unused;
	say(fd, "late\n");
	serve(1);
	rngd_control_serve(control, 1 + RNGD_CONTROL_TIMEOUT);
	assert_true(rngd_control_waits(control, ticket));
	rngd_control_serve(control, RNGD_CONTROL_TIMEOUT + RNGD_CONTROL_LATE);
	assert_true(rngd_control_waits(control, ticket));
	rngd_control_serve(control,
			   1 + RNGD_CONTROL_TIMEOUT + RNGD_CONTROL_LATE);
	assert_false(rngd_control_waits(control, ticket));
}

static void root_has_a_place_when_others_wait_in_all_of_theirs(void **unused)
{
	int late;

	(void)unused;
	NEEDS_ROOT();
	begin_for(OTHER);
	join_many_as(OTHER, OTHER, "late\n", RNGD_CONTROL_CLIENTS);
	late = join_as(OTHER, OTHER);
	serve(1);
	assert_string_equal(answer(late), "error too many clients\n");
	assert_true(is_served(join(), 1));
}

static void others_do_not_take_the_place_of_root(void **unused)
{
	int fd;

	(void)unused;
	NEEDS_ROOT();
	begin_for(OTHER);
	fd = join();
	say(fd, "sta");
	serve(1);
	join_many_as(OTHER, OTHER, "half", 3 * RNGD_CONTROL_CLIENTS);
	say(fd, "tus\n");
	serve(1);
	assert_string_equal(answer(fd), "status 0\n");
}

/* An emulator of user programs may not know the option. */
static bool has_peer_groups(void)
{
	gid_t group[64];
	socklen_t len = sizeof(group);
	int pair[2], ret;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ret = getsockopt(pair[0], SOL_SOCKET, SO_PEERGROUPS, group, &len);
	close(pair[0]);
	close(pair[1]);
	return !ret;
}

/* As after a chmod of the socket. */
static void only_the_user_root_and_the_group_are_served(void **unused)
{
	int fd;

	(void)unused;
	NEEDS_ROOT();
	if (!has_peer_groups())
		LEAVE_OUT("the groups of a peer are unknown");
	begin_for(OTHER);
	assert_int_equal(chmod(address.sun_path, 0666), 0);
	assert_true(is_served(join_as(OTHER - 1, OTHER), 1));
	fd = join_as(OTHER - 1, OTHER - 1);
	say(fd, "status\n");
	serve(1);
	assert_string_equal(answer(fd), "error not permitted\n");
}

static void a_request_has_its_sender(void **unused)
{
	int fd;

	(void)unused;
	NEEDS_ROOT();
	begin_for(OTHER);
	fd = join_as(OTHER, OTHER);
	say(fd, "who\n");
	serve(1);
	assert_string_equal(answer(fd), "who 65534\n");
}

/* Otherwise the loop would spin until a descriptor is free. */
static void without_descriptors_it_pauses(void **unused)
{
	struct rlimit limit, none;
	struct pollfd pfd = { .events = POLLIN };
	int fd;

	(void)unused;
	begin_for(NO_GID);
	fd = join();
	say(fd, "status\n");
	pfd.fd = rngd_control_fd(control);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	rngd_control_serve(control, 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(poll(&pfd, 1, 0), 0);
	assert_int_equal(rngd_control_due(control), 1 + RNGD_CONTROL_PAUSE);
	rngd_control_serve(control, 1 + RNGD_CONTROL_PAUSE);
	serve(1 + RNGD_CONTROL_PAUSE);
	assert_int_equal(strncmp(answer(fd), "status ", 7), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(idle_clients_delay_no_request),
		CASE(a_client_that_waits_keeps_its_place),
		CASE(a_late_answer_may_take_longer_than_a_request),
		CASE(root_has_a_place_when_others_wait_in_all_of_theirs),
		CASE(others_do_not_take_the_place_of_root),
		CASE(only_the_user_root_and_the_group_are_served),
		CASE(a_request_has_its_sender),
		CASE(without_descriptors_it_pauses),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
