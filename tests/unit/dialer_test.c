// SPDX-License-Identifier: GPL-2.0-or-later
/* The process that connects to front ends, and the lines of workers to it. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/device/vhost-user-rng/dialer.h"
#include "tests/unit/fds.h"
#include "tests/unit/machine.h"

#define BOUND_MS 10000

struct fixture {
	struct dialer dialer;
	char dir[40];
	char path[2][64];
	char *paths[3];
	int listener; /* at path[0]; nobody listens at path[1] */
	int fds;
};

static int listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(at.sun_path, path);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 4))
		return -1;
	return fd;
}

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.fds = fds_open();
	strcpy(f.dir, "/tmp/vrng-dialer_test.XXXXXX");
	if (!mkdtemp(f.dir))
		return -1;
	for (int i = 0; i < 2; i++) {
		snprintf(f.path[i], sizeof(f.path[i]), "%s/%d", f.dir, i);
		f.paths[i] = f.path[i];
	}
	f.listener = listen_at(f.path[0]);
	*state = &f;
	return f.listener < 0 ? -1 : dialer_start(&f.dialer, f.paths, 2, NULL);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	dialer_stop(&f->dialer);
	close(f->listener);
	unlink(f->path[0]);
	rmdir(f->dir);
	return fds_left(f->fds);
}

static int answer(int line)
{
	struct pollfd pfd = { .fd = line, .events = POLLIN };

	assert_int_equal(dialer_ask(line), 0);
	assert_int_equal(poll(&pfd, 1, BOUND_MS), 1);
	return dialer_answer(line);
}

static void it_connects_as_often_as_it_is_asked(void **state)
{
	struct fixture *f = *state;
	int line = dialer_line(&f->dialer, 0, NULL), fd, end;

	assert_true(line >= 0);
	assert_int_equal(dialer_answer(line), -EAGAIN);
	for (int i = 0; i < 3; i++) {
		fd = answer(line);
		assert_true(fd >= 0);
		end = accept(f->listener, NULL, NULL);
		assert_int_equal(send(fd, "x", 1, 0), 1);
		close(fd);
		close(end);
	}
	close(line);
}

static void it_tells_why_it_could_not(void **state)
{
	struct fixture *f = *state;
	int line = dialer_line(&f->dialer, 1, NULL);

	assert_true(line >= 0);
	assert_int_equal(answer(line), -ENOENT);
	assert_int_equal(answer(line), -ENOENT);
	close(line);
}

/* A line of no path is closed, and a second one of a path, too. */
static void it_connects_to_its_paths_alone(void **state)
{
	static const unsigned int paths[] = { 2, 0, 1000000, 0x80000000 };
	struct fixture *f = *state;
	int first = dialer_line(&f->dialer, 0, NULL), fd;

	fd = answer(first);
	assert_true(fd >= 0);
	close(fd);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int line = dialer_line(&f->dialer, paths[i], NULL);
		struct pollfd pfd = { .fd = line, .events = POLLIN };

		assert_true(line >= 0);
		(void)dialer_ask(line);
		assert_int_equal(poll(&pfd, 1, BOUND_MS), 1);
		fd = dialer_answer(line);
		assert_int_equal(fd, -EPIPE);
		close(line);
	}
	close(first);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(it_connects_as_often_as_it_is_asked),
		T(it_tells_why_it_could_not),
		T(it_connects_to_its_paths_alone),
	};

	if (!machine_has_seccomp()) {
		puts("1..0 # SKIP no seccomp, which the dialer needs");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("dialer", tests, NULL, NULL);
}
