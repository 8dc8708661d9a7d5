// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Descriptors that the front end shares with its device. The front end has cleared
 * O_NONBLOCK on each of them here: a call that waits never ends, and the alarm ends
 * the program.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/device/vhost-user/event_fd.h"

#define BOUND_S 60

struct ends {
	int device, front; /* the same one for an eventfd */
};

static struct ends counter(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	return (struct ends){ fd, dup(fd) };
}

static struct ends semaphore(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);

	return (struct ends){ fd, dup(fd) };
}

static struct ends pipe_to(void)
{
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	return (struct ends){ fd[1], fd[0] };
}

static struct ends pipe_from(void)
{
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	return (struct ends){ fd[0], fd[1] };
}

static struct ends sockets(void)
{
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	return (struct ends){ fd[0], fd[1] };
}

static void shut(struct ends e)
{
	close(e.device);
	close(e.front);
}

static void giving_does_not_wait_for_room(void **unused)
{
	static struct ends (*const make[])(void) = { counter, semaphore,
						     pipe_to, sockets };

	(void)unused;
	for (size_t i = 0; i < sizeof(make) / sizeof(make[0]); i++) {
		const struct ends e = make[i]();

		if (i < 2)
			assert_int_equal(eventfd_write(e.front, UINT64_MAX - 1),
					 0);
		for (int n = 0; n < 100000; n++)
			event_fd_give(e.device, event_fd_is_socket(e.device));
		shut(e);
	}
}

static void taking_does_not_wait_for_events(void **unused)
{
	static struct ends (*const make[])(void) = { counter, semaphore,
						     pipe_from, sockets };
	const uint64_t one = 1;

	(void)unused;
	for (size_t i = 0; i < sizeof(make) / sizeof(make[0]); i++) {
		const struct ends e = make[i]();

		assert_int_equal(event_fd_take(e.device), EVENT_FD_NONE);
		assert_int_equal(write(e.front, &one, 8), 8);
		assert_int_equal(event_fd_take(e.device), EVENT_FD_SOME);
		assert_int_equal(event_fd_take(e.device), EVENT_FD_NONE);
		shut(e);
	}
}

static void an_end_is_told(void **unused)
{
	static struct ends (*const make[])(void) = { pipe_from, sockets };

	(void)unused;
	for (size_t i = 0; i < sizeof(make) / sizeof(make[0]); i++) {
		const struct ends e = make[i]();

		close(e.front);
		assert_int_equal(event_fd_take(e.device), EVENT_FD_END);
		event_fd_give(e.device, event_fd_is_socket(e.device));
		close(e.device);
	}
}

static void only_what_can_be_polled_suits(void **unused)
{
	static struct ends (*const make[])(void) = { counter, pipe_to,
						     pipe_from, sockets };
	static const char *const paths[] = { "/dev/null", "/proc/self/stat",
					     "/" };
	int fd = memfd_create("memory", MFD_CLOEXEC);

	(void)unused;
	for (size_t i = 0; i < sizeof(make) / sizeof(make[0]); i++) {
		const struct ends e = make[i]();

		assert_true(event_fd_suits(e.device));
		shut(e);
	}
	assert_false(event_fd_suits(fd));
	close(fd);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		assert_true(fd >= 0);
		assert_false(event_fd_suits(fd));
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(giving_does_not_wait_for_room),
		cmocka_unit_test(taking_does_not_wait_for_events),
		cmocka_unit_test(an_end_is_told),
		cmocka_unit_test(only_what_can_be_polled_suits),
	};

	signal(SIGPIPE, SIG_IGN);
	alarm(BOUND_S);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("event_fd", tests, NULL, NULL);
}
